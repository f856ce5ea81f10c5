import { InputNumber, Select, Space } from "antd";
import { useTranslation } from "react-i18next";
import { type Length, readLength } from "@/components/conditions/condition";

const units: Length["unit"][] = ["m", "h", "d", "w"];

/** A length of time: a number and its unit. */
export function LengthField({
  value,
  onChange,
  label,
  only,
}: {
  value: string;
  onChange: (value: string) => void;
  label: string;
  only?: Length["unit"];
}) {
  const { t } = useTranslation();
  const length = readLength(value) ?? { amount: 1, unit: only ?? "d" };
  const offered = length.unit === "s" ? (["s", ...units] as const) : units;
  return (
    <Space.Compact>
      <InputNumber
        className="field-number"
        min={1}
        max={100_000}
        precision={0}
        value={length.amount}
        onChange={(amount) => onChange(`${amount ?? 1}${length.unit}`)}
        aria-label={label}
      />
      <Select<Length["unit"]>
        value={length.unit}
        onChange={(unit) => onChange(`${length.amount}${unit}`)}
        options={(only ? [only] : offered).map((unit) => ({
          value: unit,
          label: t(`unit.${unit}`),
        }))}
        aria-label={t("builder.unit")}
        popupMatchSelectWidth={false}
      />
    </Space.Compact>
  );
}
