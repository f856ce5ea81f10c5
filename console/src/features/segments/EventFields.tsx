import { Button, InputNumber, Select } from "antd";
import { Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import {
  type CountDraft,
  type EventDraft,
  type FilterDraft,
  type NamesDraft,
  newCount,
  newTest,
  type TestDraft,
} from "@/components/conditions/condition";
import {
  type Aggregate,
  aggregates,
  type CountOperator,
  countOperators,
} from "@/components/conditions/language";
import { NameField, useNames } from "@/components/Suggest";
import { TestFields } from "./TestFields";
import { WindowFields } from "./WindowFields";

/** One event by its name, several, or all whose names begin alike. */
export function NamesFields({
  names,
  onChange,
}: {
  names: NamesDraft;
  onChange: (names: NamesDraft) => void;
}) {
  const { t } = useTranslation();
  const all = useNames({ kind: "events" }, "", names.mode === "any");
  const changeMode = (mode: NamesDraft["mode"]) =>
    onChange({
      mode,
      names: mode === "any" ? names.names.filter(Boolean) : [names.names[0] ?? ""],
    });
  return (
    <>
      {names.mode === "any" ? (
        <Select<string[]>
          mode="tags"
          className="field-list"
          value={names.names}
          onChange={(list) => onChange({ ...names, names: list })}
          options={all.map((name) => ({ value: name.name }))}
          placeholder={t("builder.event_name")}
          aria-label={t("builder.event_name")}
        />
      ) : (
        <NameField
          of={{ kind: "events" }}
          value={names.names[0] ?? ""}
          onChange={(name) => onChange({ ...names, names: [name] })}
          label={names.mode === "prefix" ? t("builder.event_prefix") : t("builder.event_name")}
        />
      )}
      <Select<NamesDraft["mode"]>
        variant="borderless"
        className="field-mode"
        value={names.mode}
        onChange={changeMode}
        options={(["exact", "any", "prefix"] as const).map((value) => ({
          value,
          label: t(`names.${value}`),
        }))}
        aria-label={t("builder.names_mode")}
        popupMatchSelectWidth={false}
      />
    </>
  );
}

/** What the event's properties must say. */
export function WhereFields({
  event,
  where,
  onChange,
}: {
  event: string;
  where: TestDraft[];
  onChange: (where: TestDraft[]) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      {where.map((test) => (
        <div key={test.key} className="condition-line condition-where">
          <span className="muted">{t("builder.where")}</span>
          <TestFields
            test={test}
            onChange={(changed) =>
              onChange(where.map((other) => (other.key === test.key ? changed : other)))
            }
            nameLabel={t("builder.property_name")}
            names={{ kind: "properties", of: event }}
            values={{ event, property: test.path }}
          />
          <Button
            type="text"
            icon={<Trash2 size={15} />}
            aria-label={t("builder.remove")}
            onClick={() => onChange(where.filter((other) => other.key !== test.key))}
          />
        </div>
      ))}
      <Button
        type="link"
        size="small"
        className="condition-add-where"
        icon={<Plus size={14} />}
        onClick={() => onChange([...where, newTest()])}
      >
        {t("builder.add_where")}
      </Button>
    </>
  );
}

/** An event with its properties, as a step of something larger. */
export function FilterFields({
  filter,
  onChange,
  lead,
}: {
  filter: FilterDraft;
  onChange: (filter: FilterDraft) => void;
  lead: ReactNode;
}) {
  return (
    <>
      <div className="condition-line">
        {lead}
        <NamesFields names={filter.names} onChange={(names) => onChange({ ...filter, names })} />
      </div>
      <WhereFields
        event={filter.names.names[0] ?? ""}
        where={filter.where}
        onChange={(where) => onChange({ ...filter, where })}
      />
    </>
  );
}

/** Comparisons of a number that was counted or computed; all of them hold. */
export function CountFields({
  counts,
  onChange,
  unit,
}: {
  counts: CountDraft[];
  onChange: (counts: CountDraft[]) => void;
  unit?: string;
}) {
  const { t } = useTranslation();
  const shown = counts.length > 0 ? counts : [newCount()];
  const change = (index: number, part: Partial<CountDraft>) =>
    onChange(shown.map((count, at) => (at === index ? { ...count, ...part } : count)));
  return shown.map((count, index) => (
    <span key={index} className="field-count">
      <Select<CountOperator>
        value={count.op}
        onChange={(op) => change(index, { op, upper: Math.max(count.upper, count.value) })}
        options={countOperators
          .filter((op) => op === count.op || shown.every((other) => other.op !== op))
          .map((value) => ({ value, label: t(`count.${value}`) }))}
        aria-label={t("builder.count")}
        popupMatchSelectWidth={false}
      />
      <InputNumber
        className="field-number"
        min={unit ? 0 : -1e12}
        max={unit ? 1_000_000 : 1e12}
        value={count.value}
        {...(unit && { precision: 0 })}
        onChange={(value) => change(index, { value: value ?? 0 })}
        aria-label={t("builder.count")}
      />
      {count.op === "between" && (
        <>
          <span className="muted">{t("builder.and")}</span>
          <InputNumber
            className="field-number"
            value={count.upper}
            onChange={(upper) => change(index, { upper: upper ?? 0 })}
            aria-label={t("builder.to")}
          />
        </>
      )}
      {unit && <span className="muted">{unit}</span>}
    </span>
  ));
}

type Measure = "count" | Aggregate | "first" | "last";
const measures: Measure[] = ["count", ...aggregates, "first", "last"];

function measureOf(draft: EventDraft): Measure {
  if (draft.occurrence) return draft.occurrence.which;
  return draft.aggregates[0]?.fn ?? "count";
}

function withMeasure(draft: EventDraft, measure: Measure): EventDraft {
  if (measure === "first" || measure === "last") {
    const window = draft.occurrence?.window ?? { kind: "within" as const, length: "30d" };
    const occurrence = { which: measure, window, where: draft.occurrence?.where ?? [] };
    return { ...draft, counts: [], aggregates: [], occurrence };
  }
  if (measure === "count") return { ...draft, aggregates: [], occurrence: null };
  const kept = draft.aggregates[0];
  const first = {
    fn: measure,
    property: kept?.property ?? "",
    tests: kept?.tests ?? [{ op: "gte" as const, value: 100, upper: 100 }],
  };
  return {
    ...draft,
    counts: [],
    aggregates: [first, ...draft.aggregates.slice(1).filter((a) => a.fn !== measure)],
    occurrence: null,
  };
}

function MeasureFields({
  draft,
  onChange,
}: {
  draft: EventDraft;
  onChange: (draft: EventDraft) => void;
}) {
  const { t } = useTranslation();
  const event = draft.names.names[0] ?? "";
  return (
    <div className="condition-line">
      <Select<Measure>
        value={measureOf(draft)}
        onChange={(measure) => onChange(withMeasure(draft, measure))}
        options={measures.map((value) => ({ value, label: t(`measure.${value}`) }))}
        aria-label={t("builder.measure")}
        popupMatchSelectWidth={false}
      />
      {draft.aggregates.map((aggregate, index) => {
        const change = (part: Partial<typeof aggregate>) =>
          onChange({
            ...draft,
            aggregates: draft.aggregates.map((a, at) => (at === index ? { ...a, ...part } : a)),
          });
        return (
          <span key={aggregate.fn} className="field-count">
            {index > 0 && <span className="muted">{t(`measure.${aggregate.fn}`)}</span>}
            <NameField
              of={{ kind: "properties", of: event }}
              value={aggregate.property}
              onChange={(property) => change({ property })}
              label={t("builder.property_name")}
            />
            <CountFields counts={aggregate.tests} onChange={(tests) => change({ tests })} />
          </span>
        );
      })}
      {!draft.occurrence && (draft.aggregates.length === 0 || draft.counts.length > 0) && (
        <CountFields
          counts={draft.counts}
          onChange={(counts) => onChange({ ...draft, counts })}
          unit={t("builder.times")}
        />
      )}
      {draft.occurrence ? (
        <WindowFields
          window={draft.occurrence.window}
          onChange={(window) =>
            draft.occurrence && onChange({ ...draft, occurrence: { ...draft.occurrence, window } })
          }
        />
      ) : (
        <WindowFields window={draft.window} onChange={(window) => onChange({ ...draft, window })} />
      )}
    </div>
  );
}

/** What the customer did: which event, how often or how much, when, and with which properties. */
export function EventFields({
  draft,
  onChange,
}: {
  draft: EventDraft;
  onChange: (draft: EventDraft) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <div className="condition-line">
        <Select<string>
          className="field-lead"
          variant="filled"
          value={draft.negated ? "not" : "did"}
          onChange={(value) => onChange({ ...draft, negated: value === "not" })}
          options={[
            { value: "did", label: t("builder.did") },
            { value: "not", label: t("builder.did_not") },
          ]}
          aria-label={t("builder.sign")}
          popupMatchSelectWidth={false}
        />
        <NamesFields names={draft.names} onChange={(names) => onChange({ ...draft, names })} />
      </div>
      <MeasureFields draft={draft} onChange={onChange} />
      {draft.occurrence && (draft.where.length > 0 || draft.window.kind !== "ever") && (
        <p className="muted">{t("builder.occurrence_note")}</p>
      )}
      {draft.occurrence ? (
        <WhereFields
          event={draft.names.names[0] ?? ""}
          where={draft.occurrence.where}
          onChange={(where) =>
            draft.occurrence && onChange({ ...draft, occurrence: { ...draft.occurrence, where } })
          }
        />
      ) : (
        <WhereFields
          event={draft.names.names[0] ?? ""}
          where={draft.where}
          onChange={(where) => onChange({ ...draft, where })}
        />
      )}
    </>
  );
}
