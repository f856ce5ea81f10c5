import { AutoComplete, Checkbox, Input, InputNumber, Popover, Button, Select } from "antd";
import { CaseSensitive } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { literal, type TestDraft } from "@/components/conditions/condition";
import {
  type Operand,
  operandOf,
  type Operator,
  operators,
  periods,
  type Scalar,
  takesFolding,
  takesZone,
} from "@/components/conditions/language";
import { LengthField } from "./LengthField";
import { NameField, type NamesOf, useValues, type ValuesOf } from "@/components/Suggest";

interface Props {
  test: TestDraft;
  onChange: (test: TestDraft) => void;
  nameLabel: string;
  names: NamesOf;
  /** Where values of the named thing are found. */
  values: ValuesOf;
}

function startOf(operand: Operand, values: Scalar[], before: Operand): Scalar[] {
  if (operand === "none") return [];
  if (operand === "length") return ["30d"];
  if (operand === "days") return ["7d"];
  if (operand === "period") return ["this_month"];
  const kept = ["length", "days", "period", "none"].includes(before) ? [] : values;
  return operand === "list" ? kept : kept.slice(0, operand === "pair" ? 2 : 1);
}

/** One value, typed or chosen; what could be a number is one unless the person says text. */
function OneValue({
  value,
  onChange,
  values,
}: {
  value: Scalar | undefined;
  onChange: (value: Scalar) => void;
  values: ValuesOf;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [typing, setTyping] = useState(false);
  const text = value === undefined ? "" : String(value);
  const offered = useValues(values, typing ? text : "", open);
  const isText = typeof value === "string" && value !== "";
  const ambiguous = value !== undefined && literal(text) !== text;
  return (
    <span className="field-value">
      <AutoComplete
        value={text}
        open={open && offered.length > 0}
        onOpenChange={(next) => {
          setOpen(next);
          if (next) setTyping(false);
        }}
        options={offered.map((item) => ({ value: item }))}
        onChange={(typed: string) => {
          setTyping(true);
          onChange(isText && ambiguous ? (typed ?? "") : literal(typed ?? ""));
        }}
        placeholder={t("builder.value")}
        aria-label={t("builder.value")}
        popupMatchSelectWidth={260}
      />
      {ambiguous && (
        <Select<string>
          className="field-kind"
          value={isText ? "text" : "literal"}
          onChange={(chosen) => onChange(chosen === "text" ? text : literal(text))}
          options={[
            {
              value: "literal",
              label: /^(true|false)$/.test(text) ? t("builder.as_boolean") : t("builder.as_number"),
            },
            { value: "text", label: t("builder.as_text") },
          ]}
          aria-label={t("builder.value_kind")}
          popupMatchSelectWidth={false}
        />
      )}
    </span>
  );
}

function ListValue({
  items,
  onChange,
  values,
}: {
  items: Scalar[];
  onChange: (items: Scalar[]) => void;
  values: ValuesOf;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const offered = useValues(values, typed, open);
  return (
    <Select<string[]>
      mode="tags"
      className="field-list"
      value={items.map(String)}
      onOpenChange={setOpen}
      showSearch={{ onSearch: setTyped, filterOption: false }}
      // A tag that was there keeps its literal, so a mixed list is not bent by editing another.
      onChange={(list) =>
        onChange(list.map((text) => items.find((v) => String(v) === text) ?? literal(text)))
      }
      options={offered.map((value) => ({ value }))}
      placeholder={t("builder.values")}
      aria-label={t("builder.values")}
      tokenSeparators={[",", "，", "\n"]}
    />
  );
}

function PairValue({ items, onChange }: { items: Scalar[]; onChange: (v: Scalar[]) => void }) {
  const { t } = useTranslation();
  const [low, high] = items;
  const field = (value: Scalar | undefined, put: (value: Scalar) => void, label: string) => (
    <Input
      className="field-short"
      value={value === undefined ? "" : String(value)}
      onChange={(event) => put(literal(event.target.value))}
      aria-label={label}
    />
  );
  return (
    <span className="field-count">
      {field(low, (value) => onChange([value, high ?? ""]), t("builder.from"))}
      <span className="muted">{t("builder.and")}</span>
      {field(high, (value) => onChange([low ?? "", value]), t("builder.to"))}
    </span>
  );
}

export function PeriodField({
  value,
  onChange,
}: {
  value: string;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Select<string>
      value={value}
      onChange={onChange}
      options={periods.map((period) => ({ value: period, label: t(`period.${period}`) }))}
      aria-label={t("builder.period")}
      popupMatchSelectWidth={false}
    />
  );
}

/** Whose calendar is meant, and whether case and accents matter: rarely asked, so kept small. */
function Options({ test, onChange }: { test: TestDraft; onChange: (test: TestDraft) => void }) {
  const { t } = useTranslation();
  const first = test.values[0];
  const folds = takesFolding(test.op) && (test.values.length === 0 || typeof first === "string");
  if (!folds && !takesZone(test.op)) return null;
  const set = test.caseInsensitive || test.accentInsensitive || test.zone === "customer";
  return (
    <Popover
      trigger="click"
      content={
        <div className="options">
          {folds && (
            <>
              <Checkbox
                checked={test.caseInsensitive}
                onChange={(e) => onChange({ ...test, caseInsensitive: e.target.checked })}
              >
                {t("builder.ignore_case")}
              </Checkbox>
              {test.op !== "matches" && (
                <Checkbox
                  checked={test.accentInsensitive}
                  onChange={(e) => onChange({ ...test, accentInsensitive: e.target.checked })}
                >
                  {t("builder.ignore_accents")}
                </Checkbox>
              )}
            </>
          )}
          {takesZone(test.op) && (
            <Checkbox
              checked={test.zone === "customer"}
              onChange={(e) =>
                onChange({ ...test, zone: e.target.checked ? "customer" : "workspace" })
              }
            >
              {t("builder.customer_zone")}
            </Checkbox>
          )}
        </div>
      }
    >
      <Button
        type="text"
        className={set ? "field-options is-set" : "field-options"}
        icon={<CaseSensitive size={16} />}
        aria-label={t("builder.options")}
      />
    </Popover>
  );
}

function Operand({ test, onChange, values }: Pick<Props, "test" | "onChange" | "values">) {
  const { t } = useTranslation();
  const put = (list: Scalar[]) => onChange({ ...test, values: list });
  const text = String(test.values[0] ?? "");
  switch (operandOf(test.op)) {
    case "none":
      return null;
    case "list":
      return <ListValue items={test.values} onChange={put} values={values} />;
    case "pair":
      return <PairValue items={test.values} onChange={put} />;
    case "length":
      return <LengthField value={text} onChange={(v) => put([v])} label={t("builder.length")} />;
    case "days":
      return (
        <InputNumber
          className="field-number"
          min={1}
          max={366}
          precision={0}
          value={Number.parseInt(text, 10) || 1}
          onChange={(days) => put([`${days ?? 1}d`])}
          suffix={t("unit.d")}
          aria-label={t("builder.length")}
        />
      );
    case "period":
      return <PeriodField value={text} onChange={(v) => put([v])} />;
    case "one":
      if (test.op === "before" || test.op === "after") {
        return (
          <Input
            className="field-date"
            type="date"
            value={text.slice(0, 10)}
            onChange={(event) => put([event.target.value])}
            aria-label={t("builder.value")}
          />
        );
      }
      return <OneValue value={test.values[0]} onChange={(v) => put([v])} values={values} />;
  }
}

/** Name, operator and value of one test of a trait or of an event's property. */
export function TestFields({ test, onChange, nameLabel, names, values }: Props) {
  const { t } = useTranslation();
  const changeOp = (op: Operator) => {
    const before = operandOf(test.op);
    const after = operandOf(op);
    onChange({
      ...test,
      op,
      values: before === after ? test.values : startOf(after, test.values, before),
    });
  };
  return (
    <>
      <NameField
        of={names}
        value={test.path}
        onChange={(path) => onChange({ ...test, path })}
        label={nameLabel}
      />
      <Select<Operator>
        className="field-op"
        value={test.op}
        onChange={changeOp}
        showSearch={{ optionFilterProp: "label" }}
        options={operators.map((value) => ({ value, label: t(`operator.${value}`) }))}
        aria-label={t("builder.operator")}
        popupMatchSelectWidth={false}
        listHeight={340}
      />
      <Operand test={test} onChange={onChange} values={values} />
      <Options test={test} onChange={onChange} />
    </>
  );
}
