import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Json as JsonValue, JsonObject } from "@/api/types";
import { isObject } from "@/lib/json";
import { Json } from "@/components/Json";
import { useFormat } from "@/lib/format";

const shownAtFirst = 14;

function Value({ value }: { value: JsonValue }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (value === null) return <span className="faint">–</span>;
  if (typeof value === "boolean") return <>{value ? t("common.yes") : t("common.no")}</>;
  if (typeof value === "number") return <>{format.number(value)}</>;
  if (typeof value === "string") {
    return /^\d{4}-\d\d-\d\dT/.test(value) && format.valid(value) ? (
      <>{format.dateTime(value)}</>
    ) : (
      <>{value}</>
    );
  }
  if (Array.isArray(value) && value.every((item) => typeof item === "string"))
    return <>{format.list(value as string[])}</>;
  return <Json value={value} />;
}

/** Small nested objects are shown as "address.city"; lists of objects stay JSON. */
function flat(traits: JsonObject, prefix = "", depth = 0): [string, JsonValue][] {
  return Object.entries(traits).flatMap(([name, value]): [string, JsonValue][] => {
    return isObject(value) && depth < 3 && Object.keys(value).length > 0
      ? flat(value, `${prefix}${name}.`, depth + 1)
      : [[prefix + name, value]];
  });
}

/** What is known about the customer; long lists are folded. */
export function Traits({ traits }: { traits: JsonObject }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const entries = flat(traits).sort(([a], [b]) => a.localeCompare(b));
  const shown = all ? entries : entries.slice(0, shownAtFirst);
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("customers.traits")}</h2>
      </div>
      {entries.length === 0 && <p className="muted">{t("customers.no_traits")}</p>}
      <dl className="traits">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value value={value} />
            </dd>
          </div>
        ))}
      </dl>
      {entries.length > shownAtFirst && (
        <Button type="link" size="small" onClick={() => setAll(!all)}>
          {all ? t("common.show_less") : t("customers.all_traits", { count: entries.length })}
        </Button>
      )}
    </section>
  );
}
