import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { insight } from "@/api/insight";
import { Chart } from "@/components/chart/Chart";
import { useFormat } from "@/lib/format";

const day = 86_400_000;

/** The hour or day that has begun, so that the question stays the same for a while. */
function rangeOf(unit: "hour" | "day"): { from: string; to: string } {
  const step = unit === "hour" ? 3_600_000 : day;
  const end = (Math.floor(Date.now() / step) + 1) * step;
  const length = unit === "hour" ? 2 * day : 30 * day;
  return { from: new Date(end - length).toISOString(), to: new Date(end).toISOString() };
}

/** How the segment grew and shrank, with who came and went. */
export function SizeTrend({ segmentId }: { segmentId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [unit, setUnit] = useState<"hour" | "day">("day");
  const { from, to } = rangeOf(unit);
  const sizes = useQuery({
    queryKey: ["segment-sizes", segmentId, unit, from],
    queryFn: ({ signal }) => insight.sizes(segmentId, unit, from, to, signal),
    staleTime: 60_000,
  });
  const items = sizes.data?.items;
  const data = useMemo(
    () => ({
      categories: (items ?? []).map((item) =>
        unit === "hour" ? format.dateTime(item.at) : format.date(item.at),
      ),
      series: [
        {
          key: "size",
          name: t("nav.customers"),
          kind: "line" as const,
          values: (items ?? []).map((item) => item.size),
        },
        {
          key: "entered",
          name: t("segments.entered"),
          kind: "bar" as const,
          tone: "soft" as const,
          values: (items ?? []).map((item) => item.entered),
        },
        {
          key: "left",
          name: t("segments.left"),
          kind: "bar" as const,
          tone: "warm" as const,
          values: (items ?? []).map((item) => -item.left),
        },
      ],
    }),
    [items, unit, format, t],
  );
  if (!items || items.length < 2) return null;
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("segments.trend")}</h2>
        <Segmented<"hour" | "day">
          size="small"
          value={unit}
          onChange={setUnit}
          options={[
            { value: "day", label: t("segments.by_day") },
            { value: "hour", label: t("segments.by_hour") },
          ]}
        />
      </div>
      <Chart label={t("segments.trend")} data={data} height={220} />
    </section>
  );
}
