import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented, Tabs } from "antd";
import { Pencil, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { api } from "@/api/operations";
import type { Campaign } from "@/api/types";
import { PageBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { CampaignStatus } from "@/components/CampaignStatus";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Time } from "@/components/Time";
import { useUndo } from "@/components/useUndo";
import { useAddressFilter } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { useCan } from "@/lib/session";
import { Preview } from "./ContentStep";
import { Messages } from "./Messages";
import { Report } from "./Report";
import { Resend } from "./Resend";
import { RunActions } from "./RunActions";
import { inputOf } from "./state";
import { whenOf } from "./plan";
import { planSentences } from "./planSentence";
import { useAudience } from "./useAudience";
import { useStart } from "./useStart";
import { variantLabel } from "./variants";

function DraftActions({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const mayWrite = useCan("campaigns.write");
  const start = useStart();
  const undo = useUndo();
  if (!mayWrite || campaign.status !== "draft") return null;

  const remove = () =>
    modal.confirm({
      title: t("campaigns.remove_title", { name: campaign.name }),
      content: t("campaigns.remove_text"),
      okText: t("common.delete"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await api.removeCampaign(campaign.id);
          await client.invalidateQueries({ queryKey: ["campaigns"] });
          void navigate("/campaigns");
          undo(t("campaigns.removed"), async () => {
            await api.createCampaign(inputOf(campaign));
            await client.invalidateQueries({ queryKey: ["campaigns"] });
          });
        } catch (error) {
          void message.error(errorText(error));
        }
      },
    });
  return (
    <>
      <Button
        type="text"
        danger
        icon={<Trash2 size={15} />}
        onClick={remove}
        aria-label={t("common.delete")}
      />
      <ButtonLink to={`/campaigns/${campaign.id}/edit`} icon={<Pencil size={15} />}>
        {t("common.edit")}
      </ButtonLink>
      <Button type="primary" icon={<Send size={15} />} onClick={() => start(campaign)}>
        {whenOf(campaign) === "now" ? t("campaigns.start") : t("campaigns.start_plan")}
      </Button>
    </>
  );
}

function Facts({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const segment = useQuery({
    queryKey: ["segment", campaign.segment_id],
    queryFn: ({ signal }) => api.segment(campaign.segment_id, signal),
    enabled: campaign.segment_id !== "",
    staleTime: 60_000,
  });
  const { segments = [], lists = [] } = campaign.recipients ?? {};
  const others = segments.length + lists.length - (campaign.segment_id ? 1 : 0);
  return (
    <dl className="glance">
      <div>
        <dt>{t("campaigns.audience")}</dt>
        <dd>
          {campaign.segment_id ? (
            <Link to={`/segments/${campaign.segment_id}`}>
              {segment.data?.name ?? campaign.segment_id}
            </Link>
          ) : null}
          {others > 0 && <small>{t("campaigns.sources", { count: others })}</small>}
        </dd>
      </div>
      <div>
        <dt>{t("campaigns.from")}</dt>
        <dd>{campaign.from}</dd>
      </div>
      <div>
        <dt>{campaign.started_at ? t("campaigns.started") : t("campaigns.created")}</dt>
        <dd>
          <Time at={campaign.started_at ?? campaign.created_at} style="full" />
        </dd>
      </div>
      {campaign.next_run_at && (
        <div>
          <dt>{t("campaigns.next_run")}</dt>
          <dd>
            <Time at={campaign.next_run_at} style="full" />
          </dd>
        </div>
      )}
      {campaign.finished_at && (
        <div>
          <dt>{t("campaigns.finished")}</dt>
          <dd>
            <Time at={campaign.finished_at} style="full" />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** What it says; every variant of it. */
function Contents({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const [variant, setVariant] = useState(0);
  const variants = campaign.experiment?.variants ?? [];
  return (
    <>
      {variants.length > 0 && (
        <Segmented<number>
          className="gap-below"
          value={variant}
          onChange={setVariant}
          aria-label={t("variant.title")}
          options={variants.map((_, index) => ({
            value: index,
            label: variantLabel(String.fromCharCode("a".charCodeAt(0) + index), campaign, t),
          }))}
        />
      )}
      <Preview draft={inputOf(campaign)} variant={variant} />
    </>
  );
}

/** To whom, when and how, in plain words; the number only while it is still to come. */
function PlanWords({ campaign }: { campaign: Campaign }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const audience = useAudience(campaign);
  const count = campaign.audience > 0 ? campaign.audience : audience.data?.count;
  const sentences = planSentences(campaign, count, t, format, i18n.language);
  return <p className="muted gap-below">{sentences.join(" ")}</p>;
}

export function Component() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const [tab, setTab] = useAddressFilter("tab");
  const campaign = useQuery({
    queryKey: ["campaign", id],
    queryFn: ({ signal }) => api.campaign(id, signal),
    refetchInterval: (state) => {
      const status = state.state.data?.status;
      return status === "starting" || status === "sending"
        ? 1_500
        : status === "draft" || status === "cancelled"
          ? false
          : 5_000;
    },
  });
  if (campaign.isPending) return <PageBones />;
  if (!campaign.data)
    return <ErrorState page error={campaign.error} retry={() => void campaign.refetch()} />;
  const data = campaign.data;
  const content = <Contents campaign={data} />;
  return (
    <>
      <PageHead
        back={{ to: "/campaigns", text: t("nav.campaigns") }}
        title={data.name}
        note={<CampaignStatus status={data.status} />}
        actions={
          <>
            <DraftActions campaign={data} />
            <RunActions campaign={data} />
            <Resend campaign={data} />
          </>
        }
      />
      <Facts campaign={data} />
      {(data.status === "draft" || data.status === "scheduled") && <PlanWords campaign={data} />}
      {data.status === "draft" ? (
        content
      ) : (
        <Tabs
          activeKey={tab || "report"}
          onChange={(key) => setTab(key === "report" ? "" : key)}
          items={[
            { key: "report", label: t("campaigns.report"), children: <Report campaign={data} /> },
            {
              key: "messages",
              label: t("campaigns.messages"),
              children: <Messages campaign={data} />,
            },
            { key: "content", label: t("campaigns.content"), children: content },
          ]}
        />
      )}
    </>
  );
}
