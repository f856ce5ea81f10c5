import { Button } from "antd";
import { ChartLine, Table2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import type { ChartData } from "./series";

const ChartCanvas = lazy(() => import("./ChartCanvas"));

function ChartTable({ label, data }: { label: string; data: ChartData }) {
  const { t } = useTranslation();
  const format = useFormat();
  const show = data.format ?? format.number;
  return (
    // Long tables scroll, so keyboards must be able to reach the box.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="chart-table" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <caption className="hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{t("chart.when")}</th>
            {data.series.map((series) => (
              <th key={series.key} scope="col" className="numeric">
                {series.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.categories.map((category, index) => (
            <tr key={`${index} ${category}`}>
              <th scope="row">{category}</th>
              {data.series.map((series) => {
                const value = series.values[index];
                return (
                  <td key={series.key} className="numeric">
                    {value === null || value === undefined ? "–" : show(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/**
 * A chart with the same figures as a table one press away. Memoise `data`: a new object draws
 * anew.
 */
export function Chart({
  label,
  data,
  height = 240,
}: {
  label: string;
  data: ChartData;
  height?: number;
}) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className="chart" aria-label={label}>
      <Button
        className="chart-switch"
        size="small"
        type="text"
        aria-pressed={asTable}
        icon={asTable ? <ChartLine size={14} /> : <Table2 size={14} />}
        onClick={() => setAsTable(!asTable)}
      >
        {asTable ? t("chart.as_chart") : t("chart.as_table")}
      </Button>
      {asTable ? (
        <ChartTable label={label} data={data} />
      ) : (
        <Suspense fallback={<div className="bone" style={{ height }} />}>
          <ChartCanvas data={data} height={height} />
        </Suspense>
      )}
    </figure>
  );
}
