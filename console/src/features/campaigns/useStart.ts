import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/operations";
import { useErrorText } from "@/components/ErrorState";
import { useFormat } from "@/lib/format";
import { conditionOf, type Plan, whenOf } from "./plan";
import { planSentences } from "./planSentence";

/** Asks once more with the number of people, then sends and leads to the progress. */
export function useStart() {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  return (campaign: Plan & { id: string; name: string }): void => {
    const now = whenOf(campaign) === "now";
    const ask = (count: number | undefined): void => {
      const sentences = planSentences(campaign, count, t, format, i18n.language);
      modal.confirm({
        title:
          !now || count === undefined
            ? t("campaigns.start_unknown", { name: campaign.name })
            : t("campaigns.start_title", { count, number: format.number(count) }),
        content: [...(now ? sentences.slice(1) : sentences), t("campaigns.start_text")].join(" "),
        okText: now ? t("campaigns.start") : t("campaigns.start_plan"),
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
    const condition = conditionOf(campaign);
    if (!condition || campaign.resend_of) ask(undefined);
    else
      api.previewSegment(condition).then(
        (audience) => ask(audience.count),
        () => ask(undefined),
      );
  };
}
