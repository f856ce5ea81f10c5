import { useQuery } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { CampaignInput } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { CustomerName } from "@/components/CustomerName";
import { useFormat } from "@/lib/format";
import { nameFromTraits } from "@/lib/people";

interface Props {
  draft: CampaignInput;
  set: (change: Partial<CampaignInput>) => void;
  help: (field: string) => string | undefined;
}

/** Some of those who would get it, so that a wrong segment is seen at once. */
function Sample({ segmentId }: { segmentId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const segment = useQuery({
    queryKey: ["segment", segmentId],
    queryFn: ({ signal }) => api.segment(segmentId, signal),
    enabled: segmentId !== "",
  });
  const members = useQuery({
    queryKey: ["segment-members", segmentId, "preview"],
    queryFn: ({ signal }) => api.segmentMembers(segmentId, { limit: 20 }, signal),
    enabled: segmentId !== "",
    staleTime: 60_000,
  });
  if (!segmentId) return null;
  const count = segment.data?.count;
  return (
    <section className="panel audience" aria-live="polite">
      <p className="preview-count">
        <strong>{count === undefined ? "…" : format.number(count)}</strong>
        <span className="muted">{t("composer.would_get")}</span>
      </p>
      <ul className="audience-sample">
        {(members.data?.items ?? []).slice(0, 6).map((member) => (
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

export function AudienceStep({ draft, set, help }: Props) {
  const { t } = useTranslation();
  const segments = useQuery({
    queryKey: ["segments", "choice"],
    queryFn: ({ signal }) => api.segments({ limit: 500 }, signal),
  });
  const item = (field: string) => ({
    help: help(field),
    validateStatus: help(field) ? ("error" as const) : ("" as const),
  });
  return (
    <div className="composer-narrow">
      <Form.Item label={t("composer.name")} htmlFor="campaign-name" {...item("name")}>
        <Input
          id="campaign-name"
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
          placeholder={t("composer.name_example")}
          maxLength={200}
        />
      </Form.Item>
      <Form.Item label={t("campaigns.audience")} htmlFor="campaign-segment" {...item("segment_id")}>
        <Select<string>
          id="campaign-segment"
          value={draft.segment_id || undefined}
          onChange={(segment_id) => set({ segment_id })}
          loading={segments.isPending}
          showSearch={{ optionFilterProp: "label" }}
          placeholder={t("composer.choose_segment")}
          options={
            segments.data?.items.map((choice) => ({ value: choice.id, label: choice.name })) ?? []
          }
          notFoundContent={
            <ButtonLink type="link" to="/segments/new">
              {t("start.segment_title")}
            </ButtonLink>
          }
        />
      </Form.Item>
      <Sample segmentId={draft.segment_id} />
    </div>
  );
}
