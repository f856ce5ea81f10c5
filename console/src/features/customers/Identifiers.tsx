import { Tooltip } from "antd";
import { Info } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Identifier } from "@/api/types";
import { Time } from "@/components/Time";

/** Kinds that have a text of their own; any other kind is shown as it is called. */
const knownKinds = new Set(["user_id", "anonymous_id", "email", "phone", "device_token"]);

export function Identifiers({ identifiers }: { identifiers: Identifier[] }) {
  const { t } = useTranslation();
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
              {identifier.reason} · <Time at={identifier.linked_at} style="full" />
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
