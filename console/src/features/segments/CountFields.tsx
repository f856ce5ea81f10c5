import { Button, InputNumber, Select } from "antd";
import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type CountDraft, newCount } from "@/components/conditions/condition";
import { type CountOperator, countOperators } from "@/components/conditions/language";

const most = 1_000_000_000;

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
  const free = countOperators.find((op) => shown.every((other) => other.op !== op));
  const change = (index: number, part: Partial<CountDraft>) =>
    onChange(shown.map((count, at) => (at === index ? { ...count, ...part } : count)));
  const number = (value: number, put: (value: number) => void, label: string) => (
    <InputNumber
      className="field-number"
      min={unit ? 0 : -9e12}
      max={unit ? most : 9e12}
      value={value}
      {...(unit && { precision: 0 })}
      onChange={(next) => put(next ?? 0)}
      aria-label={label}
    />
  );
  return shown.map((count, index) => (
    <span key={index} className="field-count">
      {index > 0 && <span className="muted">{t("builder.and")}</span>}
      <Select<CountOperator>
        value={count.op}
        onChange={(op) => change(index, { op, upper: Math.max(count.upper, count.value) })}
        options={countOperators
          .filter((op) => op === count.op || shown.every((other) => other.op !== op))
          .map((value) => ({ value, label: t(`count.${value}`) }))}
        aria-label={t("builder.count")}
        popupMatchSelectWidth={false}
      />
      {number(count.value, (value) => change(index, { value }), t("builder.count"))}
      {count.op === "between" && (
        <>
          <span className="muted">{t("builder.and")}</span>
          {number(count.upper, (upper) => change(index, { upper }), t("builder.to"))}
        </>
      )}
      {unit && <span className="muted">{unit}</span>}
      {shown.length > 1 && (
        <Button
          type="text"
          size="small"
          icon={<X size={14} />}
          aria-label={t("builder.remove")}
          onClick={() => onChange(shown.filter((_, at) => at !== index))}
        />
      )}
      {index === shown.length - 1 && free && shown.length < 2 && (
        <Button
          type="text"
          size="small"
          icon={<Plus size={14} />}
          aria-label={t("builder.add_count")}
          title={t("builder.add_count")}
          onClick={() => onChange([...shown, { op: free, value: count.value, upper: count.value }])}
        />
      )}
    </span>
  ));
}
