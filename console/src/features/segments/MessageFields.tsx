// Messages and what became of them, and what the customer agreed to receive.
import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { MessageDraft, TopicDraft } from "@/components/conditions/condition";
import { type MessageFact, messageFacts } from "@/components/conditions/language";
import { CountFields } from "./CountFields";
import { Sign } from "./OtherFields";
import { WindowFields } from "./WindowFields";

function useTopics() {
  const topics = useQuery({
    queryKey: ["topics"],
    queryFn: ({ signal }) => api.topics(signal),
    staleTime: 60_000,
  });
  return topics.data?.items ?? [];
}

function TopicSelect({
  value,
  onChange,
  placeholder,
}: {
  value: string;
  onChange: (topic: string) => void;
  placeholder: string;
}) {
  const { t } = useTranslation();
  const topics = useTopics();
  return (
    <Select<string>
      className="field-name"
      value={value || undefined}
      onChange={(topic) => onChange(topic ?? "")}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      options={topics.map((topic) => ({ value: topic.id, label: topic.name }))}
      placeholder={placeholder}
      aria-label={t("builder.topic")}
    />
  );
}

/** Any channel that topics know, and e-mail. */
function ChannelSelect({
  value,
  onChange,
}: {
  value: string;
  onChange: (channel: string) => void;
}) {
  const { t } = useTranslation();
  const topics = useTopics();
  const channels = new Set(["email", ...topics.flatMap((topic) => topic.channels)]);
  if (value) channels.add(value);
  const label = (channel: string) => (channel === "email" ? t("kind.email") : channel);
  return (
    <Select<string>
      value={value}
      onChange={onChange}
      options={[
        { value: "", label: t("builder.any_channel") },
        ...[...channels].map((channel) => ({ value: channel, label: label(channel) })),
      ]}
      aria-label={t("builder.channel")}
      popupMatchSelectWidth={false}
    />
  );
}

export function MessageFields({
  draft,
  onChange,
}: {
  draft: MessageDraft;
  onChange: (draft: MessageDraft) => void;
}) {
  const { t } = useTranslation();
  const campaigns = useQuery({
    queryKey: ["campaigns", "choice"],
    queryFn: ({ signal }) => api.campaigns({ limit: 200 }, signal),
    staleTime: 60_000,
  });
  return (
    <>
      <div className="condition-line">
        <Sign
          draft={draft}
          onChange={onChange}
          yes={t("builder.message")}
          no={t("builder.message_not")}
        />
        <Select<MessageFact>
          value={draft.fact}
          onChange={(fact) => onChange({ ...draft, fact })}
          options={messageFacts.map((value) => ({ value, label: t(`fact.${value}`) }))}
          aria-label={t("builder.fact")}
          popupMatchSelectWidth={false}
        />
        <CountFields
          counts={draft.counts}
          onChange={(counts) => onChange({ ...draft, counts })}
          unit={t("builder.times")}
        />
        <WindowFields window={draft.window} onChange={(window) => onChange({ ...draft, window })} />
      </div>
      <div className="condition-line">
        <Select<string>
          className="field-name"
          value={draft.campaign || undefined}
          onChange={(campaign) => onChange({ ...draft, campaign: campaign ?? "" })}
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          options={(campaigns.data?.items ?? []).map((c) => ({ value: c.id, label: c.name }))}
          placeholder={t("builder.any_campaign")}
          aria-label={t("campaigns.campaign")}
        />
        <TopicSelect
          value={draft.topic}
          onChange={(topic) => onChange({ ...draft, topic })}
          placeholder={t("builder.any_topic")}
        />
        <ChannelSelect
          value={draft.channel}
          onChange={(channel) => onChange({ ...draft, channel })}
        />
        <Input
          className="field-journey"
          value={draft.journey}
          onChange={(event) => onChange({ ...draft, journey: event.target.value.trim() })}
          placeholder={t("builder.any_journey")}
          aria-label={t("builder.journey")}
          maxLength={200}
        />
      </div>
    </>
  );
}

export function TopicFields({
  draft,
  onChange,
}: {
  draft: TopicDraft;
  onChange: (draft: TopicDraft) => void;
}) {
  const { t } = useTranslation();
  const subscribed = draft.subscribed !== draft.negated;
  return (
    <div className="condition-line">
      <Select<string>
        className="field-lead"
        variant="filled"
        value={subscribed ? "yes" : "no"}
        onChange={(value) => onChange({ ...draft, negated: false, subscribed: value === "yes" })}
        options={[
          { value: "yes", label: t("builder.subscribed") },
          { value: "no", label: t("builder.not_subscribed") },
        ]}
        aria-label={t("builder.sign")}
        popupMatchSelectWidth={false}
      />
      <TopicSelect
        value={draft.topic}
        onChange={(topic) => onChange({ ...draft, topic })}
        placeholder={t("builder.topic")}
      />
      <ChannelSelect
        value={draft.channel}
        onChange={(channel) => onChange({ ...draft, channel })}
      />
    </div>
  );
}
