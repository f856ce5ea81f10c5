// Near a point, or inside an area whose corners are written one a line and drawn beside.
import { Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlaceDraft } from "@/components/conditions/condition";
import type { Point } from "@/components/conditions/language";
import { NameField } from "@/components/Suggest";
import { maxCorners, plotOf, readCorners, writeCorners } from "./corners";
import { Sign } from "./OtherFields";

interface Props {
  draft: PlaceDraft;
  onChange: (draft: PlaceDraft) => void;
}

const width = 176;
const height = 132;

/** The area as it lies on the map, north up. */
function Plot({ corners }: { corners: Point[] }) {
  const { t } = useTranslation();
  const dots = plotOf(corners, width, height);
  return (
    <svg
      className="area-plot"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t("builder.plot", { count: corners.length })}
    >
      <polygon points={dots.map(({ x, y }) => `${x},${y}`).join(" ")} />
      {dots.map(({ x, y }, index) => (
        <circle key={index} cx={x} cy={y} r={dots.length > 40 ? 1 : 2.5} />
      ))}
    </svg>
  );
}

function AreaFields({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => writeCorners(draft.inside));
  const { corners, faulty } = readCorners(text);
  const problem =
    faulty > 0
      ? t("builder.corner_faulty", { line: faulty })
      : corners.length < 3 || corners.length > maxCorners
        ? t("builder.corners_needed", { most: maxCorners })
        : "";
  return (
    <div className="area">
      <div className="area-text">
        <Input.TextArea
          className="mono"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            const read = readCorners(event.target.value);
            onChange({ ...draft, inside: read.faulty > 0 ? [] : read.corners });
          }}
          autoSize={{ minRows: 5, maxRows: 10 }}
          placeholder={"10.70, 106.60\n10.70, 106.80\n10.90, 106.70"}
          status={problem && text ? "error" : ""}
          aria-label={t("builder.corners_label")}
          spellCheck={false}
          maxLength={40_000}
        />
        <small className={problem && text ? "bad-text" : "muted"}>
          {problem || t("builder.corners", { count: corners.length })}
        </small>
      </div>
      <Plot corners={corners} />
    </div>
  );
}

function NearFields({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const near = draft.near ?? { lat: 0, lon: 0, km: 10 };
  const number = (key: keyof typeof near, label: string, least: number, most: number) => (
    <InputNumber
      className="field-degrees"
      min={least}
      max={most}
      value={near[key]}
      onChange={(value) => onChange({ ...draft, near: { ...near, [key]: value ?? 0 } })}
      prefix={<span className="muted">{label}</span>}
      aria-label={label}
    />
  );
  return (
    <>
      {number("km", "km", 0, 20_015)}
      <span className="muted">{t("builder.around")}</span>
      {number("lat", t("builder.lat"), -90, 90)}
      {number("lon", t("builder.lon"), -180, 180)}
    </>
  );
}

export function PlaceFields({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const { near } = draft;
  const reshape = (shape: "near" | "inside") =>
    onChange({
      ...draft,
      near: shape === "near" ? { lat: 0, lon: 0, km: 10 } : null,
      inside: [],
    });
  return (
    <>
      <div className="condition-line">
        <Sign
          draft={draft}
          onChange={onChange}
          yes={near ? t("builder.near") : t("builder.inside")}
          no={near ? t("builder.not_near") : t("builder.not_inside")}
        />
        <Select<"near" | "inside">
          variant="borderless"
          value={near ? "near" : "inside"}
          onChange={reshape}
          options={[
            { value: "near", label: t("builder.shape_near") },
            { value: "inside", label: t("builder.shape_inside") },
          ]}
          aria-label={t("builder.shape")}
          popupMatchSelectWidth={false}
        />
        {near && <NearFields draft={draft} onChange={onChange} />}
        <span className="muted">{t("builder.by_trait")}</span>
        <NameField
          of={{ kind: "traits" }}
          value={draft.location}
          onChange={(location) => onChange({ ...draft, location })}
          label={t("builder.trait_name")}
        />
      </div>
      {!near && <AreaFields draft={draft} onChange={onChange} />}
    </>
  );
}
