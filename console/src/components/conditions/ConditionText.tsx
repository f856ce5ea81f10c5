import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import { Json } from "@/components/Json";
import { type Format, useFormat } from "@/lib/format";
import type {
  CountDraft,
  Draft,
  EventDraft,
  FilterDraft,
  GroupDraft,
  NamesDraft,
  TestDraft,
  WindowDraft,
} from "./condition";
import { readLength } from "./condition";
import { toDraft } from "./conditionJson";
import { type Condition, operandOf, type Scalar } from "./language";

interface Words {
  t: TFunction;
  format: Format;
}

function lengthText(text: string, { t, format }: Words): string {
  const length = readLength(text);
  return length ? `${format.number(length.amount)} ${t(`unit.${length.unit}`)}` : text;
}

function valueText(value: Scalar | undefined, { t, format }: Words): string {
  if (typeof value === "number") return format.number(value);
  if (typeof value === "boolean") return value ? t("common.yes") : t("common.no");
  return value ?? "";
}

function operandText(test: TestDraft, words: Words): string {
  const [first] = test.values;
  switch (operandOf(test.op)) {
    case "none":
      return "";
    case "length":
    case "days":
      return lengthText(String(first ?? ""), words);
    case "period":
      return words.t(`period.${String(first)}`);
    case "pair":
      return test.values.map((v) => valueText(v, words)).join(` ${words.t("builder.and")} `);
    default:
      return test.values.map((v) => valueText(v, words)).join(", ");
  }
}

function Test({ test, words }: { test: TestDraft; words: Words }) {
  return (
    <>
      <strong>{test.path}</strong> {words.t(`operator.${test.op}`)}{" "}
      <strong>{operandText(test, words)}</strong>
      {(test.caseInsensitive || test.accentInsensitive) && (
        <small className="muted"> ({words.t("builder.ignoring")})</small>
      )}
    </>
  );
}

function windowText(window: WindowDraft, words: Words): string {
  const lead = words.t(`window.${window.kind}`);
  switch (window.kind) {
    case "ever":
      return "";
    case "within":
    case "older_than":
      return `${lead} ${lengthText(window.length, words)}`;
    case "between": {
      const date = (text: string) => (words.format.valid(text) ? words.format.date(text) : text);
      return `${lead} ${date(window.from)} ${words.t("builder.and")} ${date(window.to)}`;
    }
    case "between_ago":
      return [
        lead,
        lengthText(window.from, words),
        words.t("builder.and"),
        lengthText(window.to, words),
      ].join(" ");
    case "in_period":
      return `${lead} ${words.t(`period.${window.period}`)}`;
  }
}

function countsText(counts: CountDraft[], { t, format }: Words): string {
  return counts
    .map(({ op, value, upper }) => {
      const numbers =
        op === "between"
          ? `${format.number(value)} ${t("builder.and")} ${format.number(upper)}`
          : format.number(value);
      return `${t(`count.${op}`)} ${numbers}`;
    })
    .join(", ");
}

function Names({ names, words }: { names: NamesDraft; words: Words }) {
  return (
    <>
      <strong>{words.format.list(names.names)}</strong>
      {names.mode === "prefix" && "…"}
    </>
  );
}

function Where({ where, words }: { where: TestDraft[]; words: Words }) {
  return where.map((test) => (
    <span key={test.key}>
      {" "}
      {words.t("builder.where")} <Test test={test} words={words} />
    </span>
  ));
}

function Filter({ filter, words }: { filter: FilterDraft; words: Words }) {
  return (
    <>
      <Names names={filter.names} words={words} />
      <Where where={filter.where} words={words} />
    </>
  );
}

function EventText({ draft, words }: { draft: EventDraft; words: Words }) {
  const { t } = words;
  const occurrence = draft.occurrence;
  return (
    <>
      {draft.negated ? t("builder.did_not") : t("builder.did")}{" "}
      <Names names={draft.names} words={words} />
      {draft.counts.length > 0 && ` ${countsText(draft.counts, words)} ${t("builder.times")}`}
      {draft.aggregates.map((a) => (
        <span key={a.fn}>
          {" "}
          {t(`measure.${a.fn}`)} <strong>{a.property}</strong> {countsText(a.tests, words)}
        </span>
      ))}
      {` ${windowText(draft.window, words)}`}
      <Where where={draft.where} words={words} />
      {occurrence && (
        <>
          {" "}
          {t(`measure.${occurrence.which}`)} {windowText(occurrence.window, words)}
          <Where where={occurrence.where} words={words} />
        </>
      )}
    </>
  );
}

function SegmentLink({ id }: { id: string }) {
  const segment = useQuery({
    queryKey: ["segment", id],
    queryFn: ({ signal }) => api.segment(id, signal),
    staleTime: 60_000,
  });
  return <strong>{segment.data?.name ?? id}</strong>;
}

function Leaf({ draft, words }: { draft: Exclude<Draft, GroupDraft>; words: Words }): ReactNode {
  const { t, format } = words;
  switch (draft.kind) {
    case "trait":
      return (
        <>
          {draft.negated ? t("builder.trait_not") : t("builder.trait")}{" "}
          <Test test={draft.test} words={words} />
        </>
      );
    case "event":
      return <EventText draft={draft} words={words} />;
    case "absence":
      return (
        <>
          {draft.negated ? t("builder.not_true") : t("builder.did")}{" "}
          <Filter filter={draft} words={words} /> {windowText(draft.window, words)}{" "}
          {t("builder.but_not")} <Filter filter={draft.absent} words={words} />{" "}
          {t("builder.within_after")} {lengthText(draft.within, words)}
        </>
      );
    case "sequence":
      return (
        <>
          {draft.negated ? t("builder.never_first_did") : t("builder.first_did")}{" "}
          {draft.steps.map((step, index) => (
            <span key={step.key}>
              {index > 0 && ` ${t("builder.then")} `}
              <Filter filter={step} words={words} />
              {step.maxGap !== null &&
                ` (${t("builder.gap_max")} ${lengthText(step.maxGap, words)})`}
              {step.without && (
                <>
                  {" "}
                  {t("builder.without")} <Filter filter={step.without} words={words} />
                </>
              )}
            </span>
          ))}{" "}
          {windowText(draft.window, words)}
        </>
      );
    case "message":
      return (
        <>
          {draft.negated ? t("builder.message_not") : t("builder.message")}{" "}
          <strong>{t(`fact.${draft.fact}`)}</strong> {draft.campaign}{" "}
          {draft.counts.length > 0 && `${countsText(draft.counts, words)} ${t("builder.times")} `}
          {windowText(draft.window, words)}
        </>
      );
    case "segment":
      return (
        <>
          {draft.negated ? t("builder.not_in_segment") : t("builder.in_segment")}{" "}
          <SegmentLink id={draft.id} />
        </>
      );
    case "list":
      return (
        <>
          {draft.negated ? t("builder.not_in_list") : t("builder.in_list")}{" "}
          <strong>{draft.id}</strong>
        </>
      );
    case "topic":
      return (
        <>
          {draft.subscribed !== draft.negated
            ? t("builder.subscribed")
            : t("builder.not_subscribed")}{" "}
          <strong>{draft.topic}</strong>
        </>
      );
    case "place":
      return draft.near ? (
        <>
          {draft.negated ? t("builder.not_near") : t("builder.near")}{" "}
          <strong>
            {format.number(draft.near.km)} km {t("builder.around")} {draft.near.lat},{" "}
            {draft.near.lon}
          </strong>
        </>
      ) : (
        <>
          {draft.negated ? t("builder.not_inside") : t("builder.inside")}{" "}
          {t("builder.corners", { count: draft.inside.length })}
        </>
      );
    case "bucket":
      return (
        <>
          {draft.negated ? t("builder.not_sample") : t("builder.sample")}{" "}
          <strong>
            {draft.from}–{draft.to}%
          </strong>
        </>
      );
  }
}

function Tree({ draft, words }: { draft: Draft; words: Words }): ReactNode {
  if (draft.kind !== "group") return <Leaf draft={draft} words={words} />;
  const { t } = words;
  if (draft.children.length === 0) return t("segments.everyone");
  const only = draft.children[0];
  if (draft.bare && only) return <Tree draft={only} words={words} />;
  const not = draft.negated ? "not_" : "";
  return (
    <>
      <span className="muted">
        {t("builder.match_before")} {t(`builder.match_${not}${draft.op}`)}{" "}
        {t("builder.match_after")}
      </span>
      <ul className="condition-text">
        {draft.children.map((child) => (
          <li key={child.key}>
            <Tree draft={child} words={words} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** A condition to be read; as JSON where it has a form that is not known here. */
export function ConditionText({ condition }: { condition: Condition }) {
  const { t } = useTranslation();
  const format = useFormat();
  let draft: Draft;
  try {
    draft = toDraft(condition);
  } catch {
    return <Json value={condition} />;
  }
  return <Tree draft={draft} words={{ t, format }} />;
}
