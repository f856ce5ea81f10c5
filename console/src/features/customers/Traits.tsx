import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { audience, type TraitFact } from "@/api/audience";
import type { Json as JsonValue, JsonObject } from "@/api/types";
import { Time } from "@/components/Time";
import { isObject } from "@/lib/json";
import { TraitText } from "./TraitText";

const shownAtFirst = 14;

interface Row {
  name: string;
  value: JsonValue;
  fact: TraitFact | undefined;
}

/** Small nested objects are shown as "address.city"; lists of objects stay JSON. */
function flat(value: JsonValue, name: string, depth = 0): [string, JsonValue][] {
  return isObject(value) && depth < 3 && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]) => flat(inner, `${name}.${key}`, depth + 1))
    : [[name, value]];
}

function Source({ fact }: { fact: TraitFact }) {
  const { t } = useTranslation();
  const by =
    fact.origin === "import"
      ? t("customers.source_import")
      : fact.library || t("customers.source_api");
  return (
    <small className="faint">
      {by} · <Time at={fact.updated_at} />
    </small>
  );
}

/** What is known about the customer, each with where it came from; long lists are folded. */
export function Traits({ customerId, traits }: { customerId: string; traits: JsonObject }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const [typed, setTyped] = useState("");
  const facts = useQuery({
    queryKey: ["customer-traits", customerId, JSON.stringify(traits)],
    queryFn: ({ signal }) => audience.traits(customerId, signal),
    staleTime: 60_000,
  });
  const byName = new Map(facts.data?.items.map((fact) => [fact.name, fact]));
  const rows: Row[] = Object.entries(traits)
    .flatMap(([name, value]) =>
      flat(value, name).map(([path, inner]) => ({
        name: path,
        value: inner,
        fact: byName.get(name),
      })),
    )
    .sort((a, b) => a.name.localeCompare(b.name));
  const wanted = typed.trim().toLowerCase();
  const found = wanted
    ? rows.filter((row) => `${row.name} ${String(row.value)}`.toLowerCase().includes(wanted))
    : rows;
  const shown = all || wanted ? found : found.slice(0, shownAtFirst);
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("customers.traits")}</h2>
        <small>{rows.length}</small>
      </div>
      {rows.length === 0 && <p className="muted">{t("customers.no_traits")}</p>}
      {rows.length > shownAtFirst && (
        <Input
          size="small"
          className="gap-below"
          allowClear
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder={t("customers.find_trait")}
          aria-label={t("customers.find_trait")}
        />
      )}
      <dl className="traits">
        {shown.map((row) => (
          <div key={row.name}>
            <dt>{row.name}</dt>
            <dd>
              <span>
                <TraitText value={row.value} />
              </span>
              {row.fact && <Source fact={row.fact} />}
            </dd>
          </div>
        ))}
      </dl>
      {rows.length > shownAtFirst && !wanted && (
        <Button type="link" size="small" onClick={() => setAll(!all)}>
          {all ? t("common.show_less") : t("customers.all_traits", { count: rows.length })}
        </Button>
      )}
    </section>
  );
}
