import { useTranslation } from "react-i18next";
import type { Condition, CountOperator, EventCondition, Json, Operator } from "@/api/types";
import { useFormat } from "@/lib/format";

function useTestText() {
  const { t } = useTranslation();
  const format = useFormat();
  const literal = (value: Json): string =>
    typeof value === "number" ? format.number(value) : String(value);
  return (op: Operator, value: Json | undefined): string => {
    const shown =
      value === undefined
        ? ""
        : Array.isArray(value)
          ? value.map(literal).join(", ")
          : literal(value);
    return `${t(`operator.${op}`)} ${shown}`.trim();
  };
}

function EventText({ condition, negated }: { condition: EventCondition; negated: boolean }) {
  const { t } = useTranslation();
  const testText = useTestText();
  const format = useFormat();
  const counts = Object.entries(condition.count ?? {}) as [CountOperator, number][];
  const match = /^(\d+)([smhdw])$/.exec(condition.within ?? "");
  return (
    <>
      {negated ? t("builder.did_not") : t("builder.did")} <strong>{condition.event}</strong>{" "}
      {counts
        .map(([op, value]) => `${t(`count.${op}`)} ${format.number(value)} ${t("builder.times")}`)
        .join(", ")}
      {match &&
        ` ${t("builder.within")} ${format.number(Number(match[1]))} ${t(`unit.${match[2]}`)}`}
      {condition.where?.map((test, index) => (
        <span key={index}>
          {" "}
          {t("builder.where")} <strong>{test.property}</strong> {testText(test.op, test.value)}
        </span>
      ))}
    </>
  );
}

/** A condition to be read. */
export function ConditionText({
  condition,
  negated = false,
}: {
  condition: Condition;
  negated?: boolean;
}) {
  const { t } = useTranslation();
  const testText = useTestText();
  if ("not" in condition) return <ConditionText condition={condition.not} negated={!negated} />;
  if ("all" in condition || "any" in condition) {
    const op = "all" in condition ? "all" : "any";
    const children = "all" in condition ? condition.all : condition.any;
    if (children.length === 0) return <>{t("segments.everyone")}</>;
    return (
      <>
        <span className="muted">
          {t("builder.match_before")} {t(`builder.match_${negated ? "not_" : ""}${op}`)}{" "}
          {t("builder.match_after")}
        </span>
        <ul className="condition-text">
          {children.map((child, index) => (
            <li key={index}>
              <ConditionText condition={child} />
            </li>
          ))}
        </ul>
      </>
    );
  }
  if ("event" in condition) return <EventText condition={condition} negated={negated} />;
  const opening = negated ? t("builder.trait_not") : t("builder.trait");
  return (
    <>
      {opening} <strong>{condition.trait}</strong> {testText(condition.op, condition.value)}
    </>
  );
}
