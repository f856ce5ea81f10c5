import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { reports } from "@/api/reports";
import type { Campaign } from "@/api/types";
import { ErrorState } from "@/components/ErrorState";
import { Meter } from "@/components/Meter";
import { useFormat } from "@/lib/format";
import { ReportDetails } from "./ReportDetails";
import { isOpen } from "./state";
import { recipientsOf } from "./variants";

/**
 * What became of the campaign's messages: delivery out of the audience, response out of what was
 * sent.
 */
export function Report({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const format = useFormat();
  const handled = campaign.sent + campaign.failed + campaign.skipped + campaign.withheld;
  const running = isOpen(campaign.status) && campaign.status !== "scheduled";
  const report = useQuery({
    queryKey: ["campaign-report", campaign.id],
    queryFn: ({ signal }) => reports.campaign(campaign.id, signal),
    refetchInterval: campaign.status === "cancelled" ? 30_000 : 5_000,
  });
  const data = report.data;
  const goal = campaign.goal !== undefined;
  const behind = (outcome: string) => recipientsOf(campaign, { outcome });
  return (
    <div className="stack">
      {running && (
        <section className="panel" aria-live="polite">
          <Meter label={t("campaigns.progress")} value={handled} whole={campaign.audience} />
        </section>
      )}
      <ul className="counts">
        <li>
          <Link to={recipientsOf(campaign, {})}>
            <span>{t("campaigns.audience")}</span>
            <strong>{format.number(campaign.audience)}</strong>
          </Link>
        </li>
        <li>
          <div>
            <span>{t("campaigns.open_rate")}</span>
            <strong>{format.rate(campaign.opened, campaign.sent) ?? "–"}</strong>
          </div>
        </li>
        <li>
          <div>
            <span>{t("campaigns.click_rate")}</span>
            <strong>{format.rate(campaign.clicked, campaign.sent) ?? "–"}</strong>
          </div>
        </li>
        <li>
          <div>
            <span>{t("campaigns.unsubscribe_rate")}</span>
            <strong>{format.rate(campaign.unsubscribed, campaign.sent) ?? "–"}</strong>
          </div>
        </li>
      </ul>
      <div className="home-pair">
        <section className="panel">
          <div className="panel-head">
            <h2>{t("campaigns.delivery")}</h2>
            <small>{t("campaigns.of_audience")}</small>
          </div>
          <div className="meters">
            <Meter
              label={t("status.sent")}
              value={campaign.sent}
              whole={campaign.audience}
              to={behind("sent")}
            />
            <Meter
              label={t("status.delivered")}
              value={campaign.delivered}
              whole={campaign.audience}
              to={behind("delivered")}
              tone="soft"
            />
            <Meter
              label={t("status.skipped")}
              value={campaign.skipped}
              whole={campaign.audience}
              to={behind("skipped")}
              tone="warm"
            />
            <Meter
              label={t("status.failed")}
              value={campaign.failed}
              whole={campaign.audience}
              to={behind("failed")}
              tone="bad"
            />
            {campaign.bounced > 0 && (
              <Meter
                label={t("status.bounced")}
                value={campaign.bounced}
                whole={campaign.audience}
                to={behind("bounced")}
                tone="bad"
              />
            )}
            {campaign.withheld > 0 && (
              <Meter
                label={t("status.withheld")}
                value={campaign.withheld}
                whole={campaign.audience}
                to={behind("withheld")}
                tone="soft"
              />
            )}
          </div>
        </section>
        <section className="panel">
          <div className="panel-head">
            <h2>{t("campaigns.response")}</h2>
            <small>{t("campaigns.of_sent")}</small>
          </div>
          <div className="meters">
            <Meter
              label={t("status.opened")}
              value={campaign.opened}
              whole={campaign.sent}
              to={behind("opened")}
              {...(data &&
                data.machine_opened > 0 && {
                  note: t("report.machine", { count: data.machine_opened }),
                })}
            />
            <Meter
              label={t("status.clicked")}
              value={campaign.clicked}
              whole={campaign.sent}
              to={behind("clicked")}
              tone="soft"
            />
            <Meter
              label={t("status.unsubscribed")}
              value={campaign.unsubscribed}
              whole={campaign.sent}
              to={behind("unsubscribed")}
              tone="warm"
            />
            {data && goal && (
              <Meter
                label={t("status.converted")}
                value={data.converted}
                whole={campaign.sent}
                to={behind("converted")}
              />
            )}
          </div>
        </section>
      </div>
      {data ? (
        <ReportDetails campaign={campaign} report={data} goal={goal} />
      ) : (
        report.isError && <ErrorState error={report.error} retry={() => void report.refetch()} />
      )}
    </div>
  );
}
