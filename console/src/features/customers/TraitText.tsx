import { useTranslation } from "react-i18next";
import type { Json as JsonValue } from "@/api/types";
import { Json } from "@/components/Json";
import { useFormat } from "@/lib/format";

const scalar = (value: JsonValue) => value !== null && typeof value !== "object";

/** A trait's value to be read: dates by the locale, lists as words, anything deeper as JSON. */
export function TraitText({ value }: { value: JsonValue }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (value === null || value === undefined) return <span className="faint">–</span>;
  if (typeof value === "boolean") return <>{value ? t("common.yes") : t("common.no")}</>;
  if (typeof value === "number") return <>{format.number(value)}</>;
  if (typeof value === "string") {
    return /^\d{4}-\d\d-\d\dT/.test(value) && format.valid(value) ? (
      <>{format.dateTime(value)}</>
    ) : (
      <>{value}</>
    );
  }
  if (Array.isArray(value) && value.every(scalar)) return <>{format.list(value.map(String))}</>;
  return <Json value={value} />;
}
