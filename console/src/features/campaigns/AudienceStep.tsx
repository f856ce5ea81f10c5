import { useQuery } from "@tanstack/react-query";
import { Form, Input, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import { reports } from "@/api/reports";
import type { CampaignInput } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { CustomerName } from "@/components/CustomerName";
import { useFormat } from "@/lib/format";
import { nameFromTraits } from "@/lib/people";
import { audienceOf, type Recipients } from "./plan";
import { useAudience } from "./useAudience";

export interface StepProps {
  draft: CampaignInput;
  set: (change: Partial<CampaignInput>) => void;
  help: (field: string) => string | undefined;
}

/** How a field shows what is wrong with it. */
export const faultOf = (help: StepProps["help"], field: string) => ({
  help: help(field),
  validateStatus: help(field) ? ("error" as const) : ("" as const),
});

/** Some of those who would get it, so that a wrong segment is seen at once. */
function Sample({ draft }: { draft: CampaignInput }) {
  const { t } = useTranslation();
  const format = useFormat();
  const audience = useAudience(draft);
  const { segments, lists } = audienceOf(draft);
  if (segments.length + lists.length === 0) return null;
  return (
    <section className="panel audience" aria-live="polite">
      <p className="preview-count">
        <strong>{audience.data ? format.number(audience.data.count) : "…"}</strong>
        <span className="muted">{t("composer.would_get")}</span>
      </p>
      <ul className="audience-sample">
        {(audience.data?.sample ?? []).slice(0, 6).map((member) => (
          <li key={member.id}>
            <CustomerName
              id={member.id}
              name={nameFromTraits(member.traits) || (member.email ?? "")}
              note={member.email ?? t("messages.no_address")}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** To whom: segments and lists, without others; who is kept out, and what permission it needs. */
export function AudienceStep({ draft, set, help }: StepProps) {
  const { t } = useTranslation();
  const segments = useQuery({
    queryKey: ["segments", "choice"],
    queryFn: ({ signal }) => api.segments({ limit: 500 }, signal),
  });
  const lists = useQuery({
    queryKey: ["lists", "choice"],
    queryFn: ({ signal }) => reports.lists(signal),
  });
  const topics = useQuery({ queryKey: ["topics"], queryFn: ({ signal }) => api.topics(signal) });
  const audience = audienceOf(draft);
  const setAudience = (change: Partial<Recipients>) => {
    const recipients = { ...audience, ...change };
    set({ recipients, segment_id: recipients.segments[0] ?? "" });
  };
  const options = (items: { id: string; name: string }[] | undefined) =>
    items?.map((choice) => ({ value: choice.id, label: choice.name })) ?? [];
  const choose = (
    id: string,
    field: "segments" | "lists" | "exclude_segments" | "exclude_lists",
    placeholder: string,
  ) => {
    const of = field.endsWith("segments") ? segments : lists;
    return (
      <Select<string[]>
        id={id}
        mode="multiple"
        value={audience[field]}
        onChange={(value) => setAudience({ [field]: value })}
        loading={of.isPending}
        showSearch={{ optionFilterProp: "label" }}
        maxCount={50}
        placeholder={placeholder}
        options={options(of.data?.items)}
        notFoundContent={
          field === "segments" ? (
            <ButtonLink type="link" to="/segments/new">
              {t("start.segment_title")}
            </ButtonLink>
          ) : (
            t("composer.none_to_choose")
          )
        }
      />
    );
  };
  const once = draft.kind !== "recurring" && draft.kind !== "triggered";
  return (
    <div className="composer-narrow">
      <Form.Item label={t("composer.name")} htmlFor="campaign-name" {...faultOf(help, "name")}>
        <Input
          id="campaign-name"
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
          placeholder={t("composer.name_example")}
          maxLength={200}
        />
      </Form.Item>
      <Form.Item
        label={t("nav.segments")}
        htmlFor="campaign-segment"
        {...faultOf(help, "segment_id")}
      >
        {choose("campaign-segment", "segments", t("composer.choose_segment"))}
      </Form.Item>
      <Form.Item
        label={t("composer.lists")}
        htmlFor="campaign-lists"
        {...faultOf(help, "recipients.lists")}
      >
        {choose("campaign-lists", "lists", t("composer.choose_lists"))}
      </Form.Item>
      <div className="form-row">
        <Form.Item
          label={t("composer.without_segments")}
          htmlFor="campaign-without"
          className="grow"
          {...faultOf(help, "recipients.exclude_segments")}
        >
          {choose("campaign-without", "exclude_segments", t("composer.nobody"))}
        </Form.Item>
        <Form.Item
          label={t("composer.without_lists")}
          htmlFor="campaign-without-lists"
          className="grow"
          {...faultOf(help, "recipients.exclude_lists")}
        >
          {choose("campaign-without-lists", "exclude_lists", t("composer.nobody"))}
        </Form.Item>
      </div>
      <Sample draft={draft} />
      {once && (
        <Form.Item className="gap-above" label={t("composer.membership")}>
          <Radio.Group
            className="choice"
            aria-label={t("composer.membership")}
            value={audience.mode}
            onChange={(event) => setAudience({ mode: event.target.value as "frozen" })}
            options={(["frozen", "evergreen"] as const).map((value) => ({
              value,
              label: (
                <>
                  <strong>{t(`membership.${value}`)}</strong>
                  <small>{t(`membership_note.${value}`)}</small>
                </>
              ),
            }))}
          />
        </Form.Item>
      )}
      <Form.Item
        label={t("composer.control")}
        htmlFor="campaign-control"
        extra={t("composer.control_note")}
        {...faultOf(help, "control_percent")}
      >
        <InputNumber
          id="campaign-control"
          min={0}
          max={50}
          precision={0}
          suffix="%"
          value={draft.control_percent ?? 0}
          onChange={(value) => set({ control_percent: value ?? 0 })}
        />
      </Form.Item>
      <div className="form-row">
        <Form.Item
          label={t("permission.topic")}
          htmlFor="campaign-topic"
          className="grow"
          extra={t("composer.topic_note")}
          {...faultOf(help, "topic")}
        >
          <Select<string>
            id="campaign-topic"
            allowClear
            value={draft.topic || null}
            onChange={(topic) => set({ topic: topic ?? "" })}
            placeholder={t("composer.no_topic")}
            options={options(topics.data?.items.filter((topic) => !topic.archived))}
          />
        </Form.Item>
        <Form.Item
          label={t("composer.class")}
          htmlFor="campaign-class"
          className="grow"
          extra={t("composer.class_note")}
        >
          <Select<"marketing" | "transactional">
            id="campaign-class"
            value={draft.class ?? "marketing"}
            onChange={(value) => set({ class: value })}
            options={(["marketing", "transactional"] as const).map((value) => ({
              value,
              label: t(`message_class.${value}`),
            }))}
          />
        </Form.Item>
      </div>
    </div>
  );
}
