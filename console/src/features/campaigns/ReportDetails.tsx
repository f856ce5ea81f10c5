import { Button } from "antd";
import { Download } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type CampaignReport, recipientsAddress } from "@/api/reports";
import type { Campaign } from "@/api/types";
import { Chart } from "@/components/chart/Chart";
import { type Column, DataTable } from "@/components/DataTable";
import { reasonText } from "@/components/permissionSentence";
import { useFormat } from "@/lib/format";
import { Behind } from "./Behind";
import { type Figure, overTime } from "./overTime";
import { Variants } from "./Variants";

const tones: [Figure, "main" | "soft" | "warm" | "bad"][] = [
  ["delivered", "soft"],
  ["opened", "main"],
  ["clicked", "warm"],
  ["unsubscribed", "bad"],
];

function OverTime({ report, goal }: { report: CampaignReport; goal: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { byDay, buckets } = useMemo(
    () => overTime(report.hours, format.dayKey),
    [report.hours, format],
  );
  const data = useMemo(() => {
    const figures = goal ? [...tones, ["converted", "main"] as const] : tones;
    return {
      categories: buckets.map(({ at }) => (byDay ? format.date(at) : format.dateTime(at))),
      series: figures.map(([key, tone]) => ({
        key,
        name: t(`status.${key}`),
        kind: key === "delivered" ? ("bar" as const) : ("line" as const),
        tone,
        ghost: key === "converted",
        values: buckets.map((bucket) => bucket.figures[key]),
      })),
    };
  }, [byDay, buckets, goal, format, t]);
  if (buckets.length === 0) return null;
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("report.over_time")}</h2>
        <small>{byDay ? t("segments.by_day") : t("segments.by_hour")}</small>
      </div>
      <Chart label={t("report.over_time")} data={data} height={240} />
    </section>
  );
}

function Links({ campaign, report }: { campaign: Campaign; report: CampaignReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (report.links.length === 0) return null;
  type Row = CampaignReport["links"][number];
  const number = (key: "people" | "clicks" | "machine_clicks"): Column<Row> => ({
    key,
    title: t(`report.${key}`),
    numeric: true,
    render: (row) => format.number(row[key]),
  });
  const columns: Column<Row>[] = [
    {
      key: "url",
      title: t("report.link"),
      primary: true,
      render: (row) => <span className="break-any">{row.url}</span>,
    },
    {
      ...number("people"),
      render: (row) => (
        <Behind campaign={campaign} number={row.people} query={{ link: row.url }} label={row.url} />
      ),
    },
    number("clicks"),
    number("machine_clicks"),
  ];
  return (
    <section>
      <h2 className="section-title">{t("report.links")}</h2>
      <DataTable
        label={t("report.links")}
        columns={columns}
        rows={report.links}
        rowKey={(row) => row.url}
      />
    </section>
  );
}

function Reasons({ campaign, report }: { campaign: Campaign; report: CampaignReport }) {
  const { t } = useTranslation();
  if (report.reasons.length === 0) return null;
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("report.reasons")}</h2>
      </div>
      <dl className="traits">
        {report.reasons.map((row) => (
          <div key={row.reason}>
            <dt>{reasonText(row.reason, t)}</dt>
            <dd>
              <Behind
                campaign={campaign}
                number={row.count}
                query={{ reason_is: row.reason }}
                label={reasonText(row.reason, t)}
              />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What the campaign caused, against those who were drawn by lot to receive nothing. */
function Lift({ lift }: { lift: NonNullable<CampaignReport["lift"]> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const part = (value: number | null) => (value === null ? "–" : (format.rate(value, 1) ?? "–"));
  const range = (low: number | null, high: number | null) =>
    low === null || high === null ? "" : t("report.interval", { low: part(low), high: part(high) });
  const rows: [string, string, string][] = [
    [
      t("report.treated"),
      format.rate(lift.treated_converted, lift.treated) ?? "–",
      t("report.of", {
        part: format.number(lift.treated_converted),
        whole: format.number(lift.treated),
      }),
    ],
    [
      t("status.withheld"),
      format.rate(lift.control_converted, lift.control) ?? "–",
      t("report.of", {
        part: format.number(lift.control_converted),
        whole: format.number(lift.control),
      }),
    ],
    [
      t("report.difference"),
      part(lift.difference),
      range(lift.difference_low, lift.difference_high),
    ],
    [t("report.relative"), part(lift.relative), range(lift.relative_low, lift.relative_high)],
  ];
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("report.lift")}</h2>
        <small>{t("status.converted")}</small>
      </div>
      <dl className="traits">
        {rows.map(([label, value, note]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {value} <small className="muted">{note}</small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Beyond the sums: over time, link by link, why some got nothing; and all of it as a file. */
export function ReportDetails({
  campaign,
  report,
  goal,
}: {
  campaign: Campaign;
  report: CampaignReport;
  goal: boolean;
}) {
  const { t } = useTranslation();
  return (
    <>
      <OverTime report={report} goal={goal} />
      {report.lift && <Lift lift={report.lift} />}
      <Variants campaign={campaign} report={report} />
      <Links campaign={campaign} report={report} />
      <Reasons campaign={campaign} report={report} />
      <div>
        <Button
          icon={<Download size={15} />}
          href={recipientsAddress(campaign.id)}
          download="recipients.csv"
        >
          {t("report.export")}
        </Button>
      </div>
    </>
  );
}
