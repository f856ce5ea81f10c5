import { useTranslation } from "react-i18next";
import type { CampaignReport } from "@/api/reports";
import type { Campaign } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { Pill } from "@/components/Pill";
import { useFormat } from "@/lib/format";
import { Behind } from "./Behind";
import { variantLabel } from "./variants";

type Row = CampaignReport["variants"][number];

/** The variants side by side, with how sure their rates are, and which of them won. */
export function Variants({ campaign, report }: { campaign: Campaign; report: CampaignReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!campaign.experiment) return null;
  const rows = report.variants.filter((row) => row.variant !== "" && row.withheld === 0);
  const label = (row: Row) => variantLabel(row.variant, campaign, t);
  const figure = (key: "sent" | "opened" | "clicked"): Column<Row> => ({
    key,
    title: t(`status.${key}`),
    numeric: true,
    render: (row) => (
      <Behind
        campaign={campaign}
        number={row[key]}
        query={{ variant: row.variant, outcome: key }}
        label={`${label(row)} · ${t(`status.${key}`)}`}
      />
    ),
  });
  const columns: Column<Row>[] = [
    {
      key: "variant",
      title: t("variant.variant"),
      primary: true,
      render: (row) => (
        <>
          {label(row)}{" "}
          {report.winner?.variant === row.variant && (
            <Pill tone="good">{t("variant.winning")}</Pill>
          )}
        </>
      ),
    },
    figure("sent"),
    figure("opened"),
    figure("clicked"),
    {
      key: "rate",
      title: t("variant.rate"),
      numeric: true,
      render: (row) =>
        row.sent === 0 ? (
          <span className="faint">–</span>
        ) : (
          <span
            title={t("report.interval", {
              low: format.rate(row.rate_low, 1),
              high: format.rate(row.rate_high, 1),
            })}
          >
            {format.rate(row.rate, 1)}{" "}
            <small className="muted">
              {format.rate(row.rate_low, 1)}–{format.rate(row.rate_high, 1)}
            </small>
          </span>
        ),
    },
  ];
  return (
    <section>
      <h2 className="section-title">{t("variant.title")}</h2>
      <DataTable
        label={t("variant.title")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.variant}
      />
    </section>
  );
}
