// How often an event happened, what its numbers come to, or when it happened first or last.
import { Button, Select } from "antd";
import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { AggregateDraft, EventDraft } from "@/components/conditions/condition";
import { type Aggregate, aggregates } from "@/components/conditions/language";
import { NameField } from "@/components/Suggest";
import { CountFields } from "./CountFields";
import { WindowFields } from "./WindowFields";

type Measure = "count" | Aggregate | "first" | "last";
const measures: Measure[] = ["count", ...aggregates, "first", "last"];

function measureOf(draft: EventDraft): Measure {
  if (draft.occurrence) return draft.occurrence.which;
  return draft.counts.length > 0 ? "count" : (draft.aggregates[0]?.fn ?? "count");
}

const newAggregate = (fn: Aggregate, kept?: AggregateDraft): AggregateDraft => ({
  fn,
  property: kept?.property ?? "",
  tests: kept?.tests ?? [{ op: "gte", value: 100, upper: 100 }],
});

function withMeasure(draft: EventDraft, measure: Measure): EventDraft {
  if (measure === "first" || measure === "last") {
    const window = draft.occurrence?.window ?? { kind: "within" as const, length: "30d" };
    const occurrence = { which: measure, window, where: draft.occurrence?.where ?? [] };
    return { ...draft, counts: [], aggregates: [], occurrence };
  }
  if (measure === "count") return { ...draft, aggregates: [], occurrence: null };
  const [kept, ...rest] = draft.aggregates;
  return {
    ...draft,
    counts: [],
    aggregates: [newAggregate(measure, kept), ...rest.filter((a) => a.fn !== measure)],
    occurrence: null,
  };
}

/** Sums and the like, each of a property of its own. */
function AggregateFields({
  draft,
  onChange,
}: {
  draft: EventDraft;
  onChange: (draft: EventDraft) => void;
}) {
  const { t } = useTranslation();
  const event = draft.names.names[0] ?? "";
  // The measure that leads stands in the select before this line.
  const leads = draft.counts.length === 0;
  return draft.aggregates.map((aggregate, index) => {
    const change = (part: Partial<AggregateDraft>) =>
      onChange({
        ...draft,
        aggregates: draft.aggregates.map((a, at) => (at === index ? { ...a, ...part } : a)),
      });
    const taken = draft.aggregates.map(({ fn }) => fn);
    return (
      <span key={aggregate.fn} className="field-count">
        {(index > 0 || !leads) && (
          <>
            <span className="muted">{t("builder.and")}</span>
            <Select<Aggregate>
              value={aggregate.fn}
              onChange={(fn) => change({ fn })}
              options={aggregates
                .filter((fn) => fn === aggregate.fn || !taken.includes(fn))
                .map((value) => ({ value, label: t(`measure.${value}`) }))}
              aria-label={t("builder.measure")}
              popupMatchSelectWidth={false}
            />
          </>
        )}
        <NameField
          of={{ kind: "properties", of: event }}
          value={aggregate.property}
          onChange={(property) => change({ property })}
          label={t("builder.property_name")}
        />
        <CountFields counts={aggregate.tests} onChange={(tests) => change({ tests })} />
        {(index > 0 || !leads) && (
          <Button
            type="text"
            size="small"
            icon={<X size={14} />}
            aria-label={t("builder.remove")}
            onClick={() =>
              onChange({
                ...draft,
                aggregates: draft.aggregates.filter((_, at) => at !== index),
              })
            }
          />
        )}
      </span>
    );
  });
}

export function MeasureFields({
  draft,
  onChange,
}: {
  draft: EventDraft;
  onChange: (draft: EventDraft) => void;
}) {
  const { t } = useTranslation();
  const { occurrence } = draft;
  const free = aggregates.find((fn) => draft.aggregates.every((other) => other.fn !== fn));
  const addMeasure = () => {
    if (!free) return;
    // A count that was left at "at least once" is written once something stands beside it.
    const counts =
      draft.counts.length + draft.aggregates.length === 0
        ? [{ op: "gte" as const, value: 1, upper: 1 }]
        : draft.counts;
    onChange({ ...draft, counts, aggregates: [...draft.aggregates, newAggregate(free)] });
  };
  return (
    <div className="condition-line">
      <Select<Measure>
        value={measureOf(draft)}
        onChange={(measure) => onChange(withMeasure(draft, measure))}
        options={measures.map((value) => ({ value, label: t(`measure.${value}`) }))}
        aria-label={t("builder.measure")}
        popupMatchSelectWidth={false}
      />
      {!occurrence && (draft.aggregates.length === 0 || draft.counts.length > 0) && (
        <CountFields
          counts={draft.counts}
          onChange={(counts) => onChange({ ...draft, counts })}
          unit={t("builder.times")}
        />
      )}
      <AggregateFields draft={draft} onChange={onChange} />
      {occurrence ? (
        <WindowFields
          window={occurrence.window}
          onChange={(window) => onChange({ ...draft, occurrence: { ...occurrence, window } })}
        />
      ) : (
        <WindowFields window={draft.window} onChange={(window) => onChange({ ...draft, window })} />
      )}
      {!occurrence && free && (
        <Button type="link" size="small" icon={<Plus size={14} />} onClick={addMeasure}>
          {t("builder.add_measure")}
        </Button>
      )}
    </div>
  );
}
