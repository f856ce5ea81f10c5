import { Tooltip } from "antd";
import { Info } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Identifier } from "@/api/types";
import { Time } from "@/components/Time";
import { useFormat } from "@/lib/format";
import { readReason } from "./reasons";

/** Kinds that have a text of their own; any other kind is shown as it is called. */
const knownKinds = new Set(["user_id", "anonymous_id", "email", "phone", "device_token"]);

function useReasonText(): (reason: string) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const kind = (name: string) => (knownKinds.has(name) ? t(`kind.${name}`) : name);
  return (text) => {
    const reason = readReason(text);
    switch (reason.key) {
      case "created":
        return t("customers.reason_created");
      case "added":
        return t("customers.reason_added");
      case "added_with":
        return t("customers.reason_added_with", { kinds: format.list(reason.kinds.map(kind)) });
      case "other":
        return reason.text;
    }
  };
}

export function Identifiers({ identifiers }: { identifiers: Identifier[] }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("customers.identifiers")}</h2>
        <Tooltip title={t("customers.identifiers_note")}>
          <button type="button" className="hint" aria-label={t("customers.identifiers_note")}>
            <Info size={15} aria-hidden />
          </button>
        </Tooltip>
      </div>
      {identifiers.length === 0 && <p className="muted">{t("customers.no_identifiers")}</p>}
      <ul className="identifiers">
        {identifiers.map((identifier) => (
          <li key={`${identifier.kind} ${identifier.value}`}>
            <small className="muted">
              {knownKinds.has(identifier.kind) ? t(`kind.${identifier.kind}`) : identifier.kind}
            </small>
            <span className="identifier-value">{identifier.value}</span>
            <small className="faint">
              {reasonText(identifier.reason)} · <Time at={identifier.linked_at} style="full" />
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
