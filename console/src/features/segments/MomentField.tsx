import { Input } from "antd";
import { fieldOf } from "./moments";

/** A moment, in the zone of the browser. */
export function MomentField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (moment: string) => void;
}) {
  return (
    <label className="moment">
      <span className="muted">{label}</span>
      <Input
        type="datetime-local"
        value={value === "" ? "" : fieldOf(value)}
        onChange={(event) => {
          const at = Date.parse(event.target.value);
          onChange(Number.isNaN(at) ? "" : new Date(at).toISOString());
        }}
        aria-label={label}
      />
    </label>
  );
}
