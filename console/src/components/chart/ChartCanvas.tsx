import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use as register } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useFormat } from "@/lib/format";
import { useDark } from "@/lib/preferences";
import type { ChartData, Series } from "./series";

register([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const variables = {
  main: "--accent",
  soft: "--muted",
  warm: "--warm",
  bad: "--bad",
} as const;

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function drawn(series: Series) {
  const color = token(variables[series.tone ?? "main"]);
  return {
    name: series.name,
    type: series.kind,
    data: series.values,
    showSymbol: series.values.length < 3,
    symbolSize: 5,
    barMaxWidth: 22,
    itemStyle: { color, opacity: series.ghost ? 0.45 : 1, borderRadius: [3, 3, 0, 0] },
    lineStyle: {
      color,
      width: series.ghost ? 1.5 : 2,
      type: series.ghost ? ("dashed" as const) : ("solid" as const),
      opacity: series.ghost ? 0.7 : 1,
    },
    ...(series.kind === "line" && !series.ghost && { areaStyle: { color, opacity: 0.08 } }),
  };
}

function options(data: ChartData, show: (value: number) => string): EChartsCoreOption {
  const ink = token("--muted");
  const line = token("--line");
  // Named outright: labels are measured on a canvas, which inherits no font.
  const { fontFamily } = getComputedStyle(document.body);
  return {
    animation: false,
    grid: {
      left: 4,
      right: 8,
      top: data.series.length > 1 ? 34 : 12,
      bottom: 4,
      containLabel: true,
    },
    legend: {
      show: data.series.length > 1,
      top: 0,
      left: 0,
      icon: "roundRect",
      itemGap: 18,
      itemWidth: 12,
      itemHeight: 4,
      textStyle: { color: ink, fontFamily },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: token("--raised"),
      borderColor: token("--line-strong"),
      textStyle: { color: token("--ink"), fontSize: 13, fontFamily },
      valueFormatter: (value: unknown) => (typeof value === "number" ? show(value) : "–"),
    },
    xAxis: {
      type: "category",
      data: data.categories,
      boundaryGap: data.series.some((series) => series.kind === "bar"),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: line } },
      axisLabel: { color: ink, fontFamily, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      minInterval: data.format ? 0 : 1,
      splitNumber: 3,
      splitLine: { lineStyle: { color: line } },
      axisLabel: { color: ink, fontFamily, formatter: show },
    },
    series: data.series.map(drawn),
  };
}

/** The drawing itself; loaded only when a chart is on the page. */
export default function ChartCanvas({ data, height }: { data: ChartData; height: number }) {
  const format = useFormat();
  const dark = useDark();
  const box = useRef<HTMLDivElement>(null);
  const show = data.format ?? format.compact;

  useEffect(() => {
    if (!box.current) return undefined;
    const chart = init(box.current, null, { renderer: "svg" });
    chart.setOption(options(data, show));
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
    // `dark` changes the tokens that the options read.
  }, [data, show, dark]);

  return <div ref={box} style={{ height, width: "100%" }} aria-hidden />;
}
