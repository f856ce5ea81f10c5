import { Input } from "antd";
import { Search as SearchIcon } from "lucide-react";

interface Props {
  value: string;
  onChange: (value: string) => void;
  label: string;
}

/** A search field; its label is also its placeholder. */
export function Search({ value, onChange, label }: Props) {
  return (
    <Input
      className="search"
      type="search"
      allowClear
      value={value}
      onChange={(event) => onChange(event.target.value)}
      placeholder={label}
      aria-label={label}
      prefix={<SearchIcon size={15} aria-hidden />}
      maxLength={200}
    />
  );
}
