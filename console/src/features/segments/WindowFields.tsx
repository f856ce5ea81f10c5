import { Checkbox, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { WindowDraft } from "@/components/conditions/condition";
import { LengthField } from "./LengthField";
import { PeriodField } from "./TestFields";

const kinds = ["ever", "within", "older_than", "between", "between_ago", "in_period"] as const;

function startOf(kind: WindowDraft["kind"]): WindowDraft {
  const today = new Date().toISOString().slice(0, 10);
  const monthAgo = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
  switch (kind) {
    case "ever":
      return { kind };
    case "within":
    case "older_than":
      return { kind, length: "30d" };
    case "between":
      return { kind, from: monthAgo, to: today };
    case "between_ago":
      return { kind, from: "60d", to: "30d" };
    case "in_period":
      return { kind, period: "this_month", zone: "workspace" };
  }
}

/** Which part of time counts. */
export function WindowFields({
  window,
  onChange,
}: {
  window: WindowDraft;
  onChange: (window: WindowDraft) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <Select<WindowDraft["kind"]>
        className="field-op"
        value={window.kind}
        onChange={(kind) => onChange(startOf(kind))}
        options={kinds.map((value) => ({ value, label: t(`window.${value}`) }))}
        aria-label={t("builder.period")}
        popupMatchSelectWidth={false}
      />
      {(window.kind === "within" || window.kind === "older_than") && (
        <LengthField
          value={window.length}
          onChange={(length) => onChange({ ...window, length })}
          label={t("builder.length")}
        />
      )}
      {window.kind === "between_ago" && (
        <span className="field-count">
          <LengthField
            value={window.from}
            onChange={(from) => onChange({ ...window, from })}
            label={t("builder.from")}
          />
          <span className="muted">{t("builder.and")}</span>
          <LengthField
            value={window.to}
            onChange={(to) => onChange({ ...window, to })}
            label={t("builder.to")}
          />
        </span>
      )}
      {window.kind === "between" && (
        <span className="field-count">
          <Input
            className="field-date"
            type="date"
            value={window.from.slice(0, 10)}
            onChange={(event) => onChange({ ...window, from: event.target.value })}
            aria-label={t("builder.from")}
          />
          <span className="muted">{t("builder.and")}</span>
          <Input
            className="field-date"
            type="date"
            value={window.to.slice(0, 10)}
            onChange={(event) => onChange({ ...window, to: event.target.value })}
            aria-label={t("builder.to")}
          />
        </span>
      )}
      {window.kind === "in_period" && (
        <>
          <PeriodField
            value={window.period}
            onChange={(period) => onChange({ ...window, period })}
          />
          <Checkbox
            checked={window.zone === "customer"}
            onChange={(event) =>
              onChange({ ...window, zone: event.target.checked ? "customer" : "workspace" })
            }
          >
            {t("builder.customer_zone")}
          </Checkbox>
        </>
      )}
    </>
  );
}
