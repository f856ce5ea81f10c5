import { Button, Select } from "antd";
import { Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import {
  type EventDraft,
  type FilterDraft,
  type NamesDraft,
  newTest,
  type TestDraft,
} from "@/components/conditions/condition";
import { NameField, useNames } from "@/components/Suggest";
import { MeasureFields } from "./MeasureFields";
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

/** What the customer did: which event, how often or how much, when, and with which properties. */
export function EventFields({
  draft,
  onChange,
}: {
  draft: EventDraft;
  onChange: (draft: EventDraft) => void;
}) {
  const { t } = useTranslation();
  const { occurrence } = draft;
  const event = draft.names.names[0] ?? "";
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
      {occurrence && (
        <>
          <WhereFields
            event={event}
            where={occurrence.where}
            onChange={(where) => onChange({ ...draft, occurrence: { ...occurrence, where } })}
          />
          <div className="condition-line">
            <span className="muted">{t("builder.among")}</span>
            <WindowFields
              window={draft.window}
              onChange={(window) => onChange({ ...draft, window })}
            />
          </div>
        </>
      )}
      <WhereFields
        event={event}
        where={draft.where}
        onChange={(where) => onChange({ ...draft, where })}
      />
    </>
  );
}
