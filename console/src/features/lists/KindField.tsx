import { Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { knownKinds } from "./identifiers";

/** By which kind of identifier customers are found; any kind may be typed. */
export function KindField({ kind, onChange }: { kind: string; onChange: (kind: string) => void }) {
  const { t } = useTranslation();
  const known = knownKinds.some((name) => name === kind);
  const [other, setOther] = useState(!known);
  const label = (name: string) => (name === "customer_id" ? t("lists.kind_id") : t(`kind.${name}`));
  return (
    <div className="list-kind">
      <span>{t("lists.found_by")}</span>
      <Select<string>
        value={other ? "" : kind}
        onChange={(value) => {
          setOther(value === "");
          onChange(value);
        }}
        options={[
          ...knownKinds.map((value) => ({ value: value as string, label: label(value) })),
          { value: "", label: t("lists.another_kind") },
        ]}
        aria-label={t("lists.found_by")}
        popupMatchSelectWidth={false}
      />
      {other && (
        <Input
          value={kind}
          onChange={(event) => onChange(event.target.value.trim())}
          placeholder="loyalty_id"
          aria-label={t("lists.kind_name")}
          maxLength={60}
        />
      )}
    </div>
  );
}
