import { Button, Input, Popover } from "antd";
import { Braces, Link2Off, Mail } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NameField } from "@/components/Suggest";
import { traitOutput } from "./insertion";

/** Inserts what differs from reader to reader; asks what stands there when nothing is known. */
export function InsertTrait({ onInsert }: { onInsert: (text: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [path, setPath] = useState("first_name");
  const [fallback, setFallback] = useState("");
  const put = (text: string) => {
    onInsert(text);
    setOpen(false);
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      destroyOnHidden
      content={
        <form
          className="insert-trait"
          onSubmit={(event) => {
            event.preventDefault();
            if (path.trim()) put(traitOutput(path.trim(), fallback));
          }}
        >
          <label>
            <span>{t("composer.trait")}</span>
            <NameField
              of={{ kind: "traits" }}
              value={path}
              onChange={setPath}
              label={t("composer.trait")}
            />
          </label>
          <label>
            <span>{t("composer.fallback")}</span>
            <Input
              value={fallback}
              onChange={(event) => setFallback(event.target.value)}
              placeholder={t("composer.fallback_example")}
              maxLength={200}
            />
          </label>
          <small className="muted">{t("composer.fallback_note")}</small>
          <Button type="primary" htmlType="submit" disabled={!path.trim()}>
            {t("composer.insert")}
          </Button>
          <div className="insert-others">
            <Button
              size="small"
              icon={<Mail size={14} />}
              onClick={() => put("{{ customer.email }}")}
            >
              {t("composer.insert_email")}
            </Button>
            <Button
              size="small"
              icon={<Link2Off size={14} />}
              onClick={() => put("{{ unsubscribe_url }}")}
            >
              {t("composer.insert_unsubscribe")}
            </Button>
          </div>
        </form>
      }
    >
      <Button icon={<Braces size={14} />} aria-expanded={open}>
        {t("composer.personalise")}
      </Button>
    </Popover>
  );
}
