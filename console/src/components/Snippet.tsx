import { Button } from "antd";
import { Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCopy } from "./Json";

/** Text to be pasted elsewhere, with a button that copies it. */
export function Snippet({ text }: { text: string }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <div className="json snippet">
      <Button
        size="small"
        type="text"
        icon={<Copy size={13} />}
        aria-label={t("common.copy")}
        onClick={() => copy(text)}
      />
      <pre>{text}</pre>
    </div>
  );
}
