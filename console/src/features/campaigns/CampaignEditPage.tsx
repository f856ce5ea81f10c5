import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { api } from "@/api/operations";
import type { CampaignInput } from "@/api/types";
import { PageBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { StateNote } from "@/components/StateNote";
import { useCan } from "@/lib/session";
import { Composer } from "./Composer";
import { inputOf } from "./state";

const blank: CampaignInput = {
  name: "",
  segment_id: "",
  channel: "email",
  from: "",
  template: { subject: "", html: "", text: "" },
};

export function Component() {
  const { t } = useTranslation();
  const mayWrite = useCan("campaigns.write");
  const { id } = useParams();
  const [search] = useSearchParams();
  const campaign = useQuery({
    queryKey: ["campaign", id],
    queryFn: ({ signal }) => api.campaign(id ?? "", signal),
    enabled: id !== undefined,
    refetchOnWindowFocus: false,
  });
  if (!mayWrite) return <StateNote page tone="problem" title={t("errors.forbidden")} />;
  if (id === undefined) {
    return (
      <Composer
        key="new"
        campaignId={null}
        initial={{ ...blank, segment_id: search.get("segment") ?? "" }}
      />
    );
  }
  if (campaign.data) {
    return <Composer key={id} campaignId={id} initial={inputOf(campaign.data)} />;
  }
  if (campaign.isPending) return <PageBones />;
  return <ErrorState page error={campaign.error} retry={() => void campaign.refetch()} />;
}
