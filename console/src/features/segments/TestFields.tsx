import { AutoComplete, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Operator } from "@/api/types";
import { literal, takesList, takesNothing, type TestDraft } from "./condition";

const operators: Operator[] = [
  "eq",
  "ne",
  "in",
  "not_in",
  "contains",
  "not_contains",
  "gt",
  "gte",
  "lt",
  "lte",
  "exists",
  "not_exists",
];

interface Props {
  test: TestDraft;
  onChange: (test: TestDraft) => void;
  nameLabel: string;
  names: string[];
  values: string[];
}

const options = (items: string[]) => items.map((value) => ({ value }));
const matches = (typed: string, option: { value?: unknown } | undefined) =>
  String(option?.value ?? "")
    .toLowerCase()
    .includes(typed.toLowerCase());

/** Name, operator and value of one test of a trait or of an event's property. */
export function TestFields({ test, onChange, nameLabel, names, values }: Props) {
  const { t } = useTranslation();
  const texts = test.values.map((value) => String(value));
  const changeOp = (op: Operator) => {
    const kept = takesNothing(op) ? [] : takesList(op) ? test.values : test.values.slice(0, 1);
    onChange({ ...test, op, values: kept });
  };
  // A tag that was there keeps its literal, so a mixed list is not bent by editing another entry.
  const changeList = (list: string[]) =>
    onChange({
      ...test,
      values: list.map(
        (text) => test.values.find((value) => String(value) === text) ?? literal(text),
      ),
    });
  const single = test.values[0];
  const kind = typeof single;
  return (
    <>
      <AutoComplete
        className="field-name"
        value={test.path}
        options={options(names)}
        showSearch={{ filterOption: matches }}
        onChange={(path: string) => onChange({ ...test, path: path ?? "" })}
        placeholder={nameLabel}
        aria-label={nameLabel}
        popupMatchSelectWidth={260}
      />
      <Select<Operator>
        className="field-op"
        value={test.op}
        onChange={changeOp}
        options={operators.map((value) => ({ value, label: t(`operator.${value}`) }))}
        aria-label={t("builder.operator")}
        popupMatchSelectWidth={false}
      />
      {takesList(test.op) && (
        <Select<string[]>
          mode="tags"
          className="field-list"
          value={texts}
          onChange={changeList}
          options={options(values)}
          placeholder={t("builder.values")}
          aria-label={t("builder.values")}
          tokenSeparators={[",", "，", "\n"]}
        />
      )}
      {!takesList(test.op) && !takesNothing(test.op) && (
        <span className="field-value">
          <AutoComplete
            value={texts[0] ?? ""}
            options={options(values)}
            showSearch={{ filterOption: matches }}
            onChange={(text: string) =>
              onChange({
                ...test,
                values: [kind === "string" && single !== "" ? (text ?? "") : literal(text ?? "")],
              })
            }
            placeholder={t("builder.value")}
            aria-label={t("builder.value")}
            popupMatchSelectWidth={260}
          />
          {single !== undefined && literal(String(single)) !== String(single) && (
            <Select<string>
              className="field-kind"
              value={kind === "string" ? "text" : "literal"}
              onChange={(chosen) =>
                onChange({
                  ...test,
                  values: [chosen === "text" ? String(single) : literal(String(single))],
                })
              }
              options={[
                {
                  value: "literal",
                  label: /^(true|false)$/.test(String(single))
                    ? t("builder.as_boolean")
                    : t("builder.as_number"),
                },
                { value: "text", label: t("builder.as_text") },
              ]}
              aria-label={t("builder.value_kind")}
              popupMatchSelectWidth={false}
            />
          )}
        </span>
      )}
    </>
  );
}
