import { useTranslation } from "react-i18next";
import type { Campaign } from "@/api/types";
import { Meter } from "@/components/Meter";
import { useFormat } from "@/lib/format";

/**
 * What became of the campaign's messages: delivery out of the audience, response out of what was
 * sent.
 */
export function Report({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const format = useFormat();
  const handled = campaign.sent + campaign.failed + campaign.skipped;
  const running = campaign.status !== "done";
  return (
    <div className="stack">
      {running && (
        <section className="panel" aria-live="polite">
          <Meter label={t("campaigns.progress")} value={handled} whole={campaign.audience} />
        </section>
      )}
      <ul className="counts">
        <li>
          <div>
            <span>{t("campaigns.audience")}</span>
            <strong>{format.number(campaign.audience)}</strong>
          </div>
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
            <Meter label={t("status.sent")} value={campaign.sent} whole={campaign.audience} />
            <Meter
              label={t("status.skipped")}
              value={campaign.skipped}
              whole={campaign.audience}
              tone="warm"
            />
            <Meter
              label={t("status.failed")}
              value={campaign.failed}
              whole={campaign.audience}
              tone="bad"
            />
          </div>
        </section>
        <section className="panel">
          <div className="panel-head">
            <h2>{t("campaigns.response")}</h2>
            <small>{t("campaigns.of_sent")}</small>
          </div>
          <div className="meters">
            <Meter label={t("status.opened")} value={campaign.opened} whole={campaign.sent} />
            <Meter
              label={t("status.clicked")}
              value={campaign.clicked}
              whole={campaign.sent}
              tone="soft"
            />
            <Meter
              label={t("status.unsubscribed")}
              value={campaign.unsubscribed}
              whole={campaign.sent}
              tone="warm"
            />
          </div>
        </section>
      </div>
    </div>
  );
}
