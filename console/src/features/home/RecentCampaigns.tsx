import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import { CampaignStatus } from "@/components/CampaignStatus";
import { ErrorState } from "@/components/ErrorState";
import { useFormat } from "@/lib/format";

export function RecentCampaigns() {
  const { t } = useTranslation();
  const format = useFormat();
  const campaigns = useQuery({
    queryKey: ["campaigns", "recent"],
    queryFn: ({ signal }) => api.campaigns({ limit: 5 }, signal),
  });
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("home.campaigns")}</h2>
        <Link to="/campaigns">{t("home.all_campaigns")}</Link>
      </div>
      {campaigns.isError && (
        <ErrorState error={campaigns.error} retry={() => void campaigns.refetch()} />
      )}
      <ul className="lines">
        {campaigns.data?.items.map((campaign) => (
          <li key={campaign.id}>
            <Link to={`/campaigns/${campaign.id}`} className="clip">
              {campaign.name}
            </Link>
            <span className="muted nowrap">
              {t("home.sent_count", { count: campaign.sent, number: format.number(campaign.sent) })}
            </span>
            <CampaignStatus status={campaign.status} />
          </li>
        ))}
      </ul>
    </section>
  );
}
