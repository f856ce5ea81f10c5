import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/operations";
import { useErrorText } from "@/components/ErrorState";
import { useFormat } from "@/lib/format";

/** Asks once more with the number of people, then sends and leads to the progress. */
export function useStart() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  return (campaign: { id: string; name: string; segment_id: string }): void => {
    const ask = (count: number | undefined): void => {
      modal.confirm({
        title:
          count === undefined
            ? t("campaigns.start_unknown", { name: campaign.name })
            : t("campaigns.start_title", { count, number: format.number(count) }),
        content: t("campaigns.start_text"),
        okText: t("campaigns.start"),
        cancelText: t("common.cancel"),
        onOk: async () => {
          try {
            await api.startCampaign(campaign.id);
            await client.invalidateQueries({ queryKey: ["campaign", campaign.id] });
            void client.invalidateQueries({ queryKey: ["campaigns"] });
            void navigate(`/campaigns/${campaign.id}`);
          } catch (error) {
            void message.error(errorText(error));
          }
        },
      });
    };
    api.segment(campaign.segment_id).then(
      (segment) => ask(segment.count),
      () => ask(undefined),
    );
  };
}
