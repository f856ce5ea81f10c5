import { AutoComplete, Button, InputNumber, Select } from "antd";
import { CalendarCheck, FolderPlus, Plus, Trash2, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { CountOperator } from "@/api/types";
import {
  type Draft,
  type EventDraft,
  type GroupDraft,
  newEvent,
  newGroup,
  newTest,
  newTrait,
  type TraitDraft,
  type Within,
} from "./condition";
import { TestFields } from "./TestFields";
import { useVocabulary } from "./vocabulary";

interface Props<T> {
  draft: T;
  onChange: (draft: T) => void;
}

const countOperators: CountOperator[] = ["gte", "lte", "eq", "gt", "lt", "ne"];
const units: Within["unit"][] = ["m", "h", "d", "w"];

function TraitFields({ draft, onChange }: Props<TraitDraft>) {
  const { t } = useTranslation();
  const vocabulary = useVocabulary();
  return (
    <div className="condition-line">
      <Select<string>
        className="field-lead"
        variant="filled"
        value={draft.negated ? "not" : "is"}
        onChange={(value) => onChange({ ...draft, negated: value === "not" })}
        options={[
          { value: "is", label: t("builder.trait") },
          { value: "not", label: t("builder.trait_not") },
        ]}
        aria-label={t("builder.sign")}
        popupMatchSelectWidth={false}
      />
      <TestFields
        test={draft.test}
        onChange={(test) => onChange({ ...draft, test })}
        nameLabel={t("builder.trait_name")}
        names={vocabulary.traits}
        values={vocabulary.traitValues.get(draft.test.path) ?? []}
      />
    </div>
  );
}

function WithinFields({ draft, onChange }: Props<EventDraft>) {
  const { t } = useTranslation();
  const within = draft.within;
  return (
    <>
      <Select<string>
        className="field-op"
        value={within ? "within" : "ever"}
        onChange={(value) =>
          onChange({ ...draft, within: value === "ever" ? null : { amount: 30, unit: "d" } })
        }
        options={[
          { value: "ever", label: t("builder.ever") },
          { value: "within", label: t("builder.within") },
        ]}
        aria-label={t("builder.period")}
        popupMatchSelectWidth={false}
      />
      {within && (
        <>
          <InputNumber
            className="field-number"
            min={1}
            max={100_000}
            precision={0}
            value={within.amount}
            onChange={(amount) =>
              onChange({ ...draft, within: { ...within, amount: amount ?? 1 } })
            }
            aria-label={t("builder.period")}
          />
          <Select<Within["unit"]>
            className="field-op"
            value={within.unit}
            onChange={(unit) => onChange({ ...draft, within: { ...within, unit } })}
            options={(within.unit === "s" ? (["s", ...units] as const) : units).map((value) => ({
              value,
              label: t(`unit.${value}`),
            }))}
            aria-label={t("builder.unit")}
            popupMatchSelectWidth={false}
          />
        </>
      )}
    </>
  );
}

function CountFields({ draft, onChange }: Props<EventDraft>) {
  const { t } = useTranslation();
  const change = (index: number, part: Partial<EventDraft["counts"][number]>) =>
    onChange({
      ...draft,
      counts: draft.counts.map((count, at) => (at === index ? { ...count, ...part } : count)),
    });
  return draft.counts.map((count, index) => (
    <span key={index} className="field-count">
      <Select<CountOperator>
        value={count.op}
        onChange={(op) => change(index, { op })}
        options={countOperators
          .filter((op) => op === count.op || draft.counts.every((other) => other.op !== op))
          .map((value) => ({ value, label: t(`count.${value}`) }))}
        aria-label={t("builder.count")}
        popupMatchSelectWidth={false}
      />
      <InputNumber
        className="field-number"
        min={0}
        max={1_000_000}
        precision={0}
        value={count.value}
        onChange={(value) => change(index, { value: value ?? 0 })}
        aria-label={t("builder.count")}
      />
      <span className="muted">{t("builder.times")}</span>
    </span>
  ));
}

function EventFields({ draft, onChange }: Props<EventDraft>) {
  const { t } = useTranslation();
  const vocabulary = useVocabulary();
  const properties = vocabulary.properties.get(draft.event) ?? [];
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
        <AutoComplete
          className="field-name"
          value={draft.event}
          options={vocabulary.events.map((value) => ({ value }))}
          showSearch={{
            filterOption: (typed, option) =>
              String(option?.value ?? "")
                .toLowerCase()
                .includes(typed.toLowerCase()),
          }}
          onChange={(event: string) => onChange({ ...draft, event: event ?? "" })}
          placeholder={t("builder.event_name")}
          aria-label={t("builder.event_name")}
          popupMatchSelectWidth={260}
        />
        <CountFields draft={draft} onChange={onChange} />
        <WithinFields draft={draft} onChange={onChange} />
      </div>
      {draft.where.map((test) => (
        <div key={test.key} className="condition-line condition-where">
          <span className="muted">{t("builder.where")}</span>
          <TestFields
            test={test}
            onChange={(changed) =>
              onChange({
                ...draft,
                where: draft.where.map((other) => (other.key === test.key ? changed : other)),
              })
            }
            nameLabel={t("builder.property_name")}
            names={properties}
            values={vocabulary.propertyValues.get(`${draft.event}\n${test.path}`) ?? []}
          />
          <Button
            type="text"
            icon={<Trash2 size={15} />}
            aria-label={t("builder.remove")}
            onClick={() =>
              onChange({ ...draft, where: draft.where.filter((other) => other.key !== test.key) })
            }
          />
        </div>
      ))}
      <Button
        type="link"
        size="small"
        className="condition-add-where"
        icon={<Plus size={14} />}
        onClick={() => onChange({ ...draft, where: [...draft.where, newTest()] })}
      >
        {t("builder.add_where")}
      </Button>
    </>
  );
}

const groupSigns = ["all", "any", "not_any", "not_all"] as const;
type GroupSign = (typeof groupSigns)[number];

function withSign(draft: GroupDraft, sign: GroupSign): GroupDraft {
  return { ...draft, negated: sign.startsWith("not_"), op: sign.endsWith("any") ? "any" : "all" };
}

/** One group with everything in it; groups nest. */
export function GroupFields({
  draft,
  onChange,
  depth = 0,
}: Props<GroupDraft> & { depth?: number }) {
  const { t } = useTranslation();
  const add = (child: Draft) => onChange({ ...draft, children: [...draft.children, child] });
  const change = (child: Draft) =>
    onChange({
      ...draft,
      children: draft.children.map((other) => (other.key === child.key ? child : other)),
    });
  const remove = (key: number) =>
    onChange({ ...draft, children: draft.children.filter((other) => other.key !== key) });
  const sign: GroupSign = draft.negated ? `not_${draft.op}` : draft.op;
  return (
    <div
      className={depth === 0 ? "group" : "group group-inner"}
      role="group"
      aria-label={t("builder.group")}
    >
      <div className="group-head">
        <span>{t("builder.match_before")}</span>
        <Select<GroupSign>
          variant="filled"
          value={sign}
          onChange={(value) => onChange(withSign(draft, value))}
          options={groupSigns.map((value) => ({ value, label: t(`builder.match_${value}`) }))}
          aria-label={t("builder.match")}
          popupMatchSelectWidth={false}
        />
        <span>{t("builder.match_after")}</span>
      </div>
      <ul className="group-children">
        {draft.children.map((child) => (
          <li key={child.key} className={`condition condition-${child.kind}`}>
            <div className="condition-body">
              {child.kind === "group" && (
                <GroupFields draft={child} onChange={change} depth={depth + 1} />
              )}
              {child.kind === "trait" && <TraitFields draft={child} onChange={change} />}
              {child.kind === "event" && <EventFields draft={child} onChange={change} />}
            </div>
            <Button
              type="text"
              icon={<Trash2 size={15} />}
              aria-label={t("builder.remove")}
              onClick={() => remove(child.key)}
              className="condition-remove"
            />
          </li>
        ))}
      </ul>
      <div className="group-add">
        <Button icon={<UserRound size={15} />} onClick={() => add(newTrait())}>
          {t("builder.add_trait")}
        </Button>
        <Button icon={<CalendarCheck size={15} />} onClick={() => add(newEvent())}>
          {t("builder.add_event")}
        </Button>
        {depth < 5 && (
          <Button
            type="text"
            icon={<FolderPlus size={15} />}
            onClick={() => add(newGroup([newTrait()]))}
          >
            {t("builder.add_group")}
          </Button>
        )}
      </div>
    </div>
  );
}
