import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { ArrowDownRight, ArrowUpRight, Minus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Activity, ActivityFigures } from "@/api/types";
import { Chart } from "@/components/chart/Chart";
import type { ChartData } from "@/components/chart/series";
import { ErrorState } from "@/components/ErrorState";
import { useAddressFilter } from "@/lib/address";
import { type Format, useFormat } from "@/lib/format";
import { change } from "./change";

const spans = [7, 28, 90] as const;

interface Figure {
  key: "active" | "new" | "events" | "revenue" | "sent" | "opens" | "clicks";
  value: (figures: ActivityFigures) => number | null;
  show: (value: number, format: Format, currency: string) => string;
}

const plain = (value: number, format: Format) => format.compact(value);
const percent = (value: number, format: Format) => format.rate(value, 1) ?? "–";
const rate = (part: number, whole: number) => (whole > 0 ? part / whole : null);

const figures: Figure[] = [
  { key: "active", value: (f) => f.active_customers, show: plain },
  { key: "new", value: (f) => f.new_customers, show: plain },
  { key: "events", value: (f) => f.events, show: plain },
  {
    key: "revenue",
    value: (f) => Number(f.revenue),
    show: (value, format, currency) => format.roughMoney(value, currency),
  },
  { key: "sent", value: (f) => f.sent, show: plain },
  { key: "opens", value: (f) => rate(f.opened, f.sent), show: percent },
  { key: "clicks", value: (f) => rate(f.clicked, f.sent), show: percent },
];

function Change({ now, before }: { now: number | null; before: number | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { direction, part } = change(now, before);
  const Icon = { up: ArrowUpRight, down: ArrowDownRight, flat: Minus }[direction];
  return (
    <small className={`change is-${direction}`}>
      <Icon size={13} aria-hidden />
      {part === null ? t("trend.no_before") : format.rate(Math.abs(part), 1)}
      {part !== null && <span className="hidden">{t(`trend.${direction}`)}</span>}
    </small>
  );
}

function chartData(
  activity: Activity,
  figure: Figure,
  format: Format,
  names: { now: string; before: string },
): ChartData {
  const read = (days: Activity["days"]) => days.map((day) => figure.value(day.figures));
  return {
    categories: activity.days.map((day) => format.dayOfDate(day.date)),
    series: [
      { key: "now", name: names.now, kind: "line", values: read(activity.days) },
      {
        key: "before",
        name: names.before,
        kind: "line",
        tone: "soft",
        ghost: true,
        values: read(activity.previous_days),
      },
    ],
    format: (value) => figure.show(value, format, activity.currency),
  };
}

function Figures({
  activity,
  chosen,
  onChoose,
}: {
  activity: Activity;
  chosen: Figure;
  onChoose: (key: Figure["key"]) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="kpis" role="group" aria-label={t("trend.figures")}>
      {figures.map((figure) => {
        const now = figure.value(activity.current);
        return (
          <button
            key={figure.key}
            type="button"
            className="kpi"
            aria-pressed={figure.key === chosen.key}
            onClick={() => onChoose(figure.key)}
          >
            <span className="kpi-name">{t(`trend.${figure.key}`)}</span>
            <strong>{now === null ? "–" : figure.show(now, format, activity.currency)}</strong>
            <Change now={now} before={figure.value(activity.previous)} />
          </button>
        );
      })}
    </div>
  );
}

/** Today and the trend: figures of a span beside the span before, and one of them day by day. */
export function Trend() {
  const { t } = useTranslation();
  const format = useFormat();
  const [spanText, setSpan] = useAddressFilter("days");
  const [figureKey, setFigure] = useAddressFilter("figure");
  const span = spans.find((days) => String(days) === spanText) ?? 28;
  const chosen = figures.find((figure) => figure.key === figureKey) ?? (figures[0] as Figure);
  const activity = useQuery({
    queryKey: ["activity", span],
    queryFn: ({ signal }) => api.activity(span, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const data = useMemo(
    () =>
      activity.data &&
      chartData(activity.data, chosen, format, {
        now: t("trend.now"),
        before: t("trend.before", { count: span }),
      }),
    [activity.data, chosen, format, t, span],
  );
  return (
    <section className="panel trend">
      <div className="panel-head">
        <h2>{t("trend.title")}</h2>
        <Segmented
          value={span}
          onChange={(days) => setSpan(days === 28 ? "" : String(days))}
          options={spans.map((days) => ({
            value: days as number,
            label: t("trend.days", { count: days }),
          }))}
        />
      </div>
      {activity.isError && !activity.data && (
        <ErrorState error={activity.error} retry={() => void activity.refetch()} />
      )}
      {!activity.data && !activity.isError && <div className="bone bone-panel bone-tall" />}
      {activity.data && data && (
        <div className={activity.isPlaceholderData ? "is-dim" : undefined}>
          <Figures activity={activity.data} chosen={chosen} onChoose={setFigure} />
          <Chart
            label={t("trend.chart", { figure: t(`trend.${chosen.key}`) })}
            data={data}
            height={240}
          />
        </div>
      )}
    </section>
  );
}
