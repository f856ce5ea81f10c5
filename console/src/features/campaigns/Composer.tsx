import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Dropdown, Form, Input, type InputRef, Segmented, Select } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { Braces, TriangleAlert } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError } from "@/api/client";
import { api } from "@/api/operations";
import type { CampaignInput, Template } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { useErrorText } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { useRested } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { withoutDefault } from "@/lib/personalise";
import { useKeptDraft } from "./kept";
import { MailPreview } from "./MailPreview";

const subjectLimit = 70;
const inserts = [
  { key: "first_name", text: '{{ customer.traits.first_name | default: "there" }}' },
  { key: "name", text: '{{ customer.traits.name | default: "there" }}' },
  { key: "email", text: "{{ customer.email }}" },
  { key: "unsubscribe", text: "{{ unsubscribe_url }}" },
];

type Part = keyof Template;

function useWarnings(draft: CampaignInput): string[] {
  const { t } = useTranslation();
  const format = useFormat();
  const { subject, html, text } = draft.template;
  const warnings: string[] = [];
  if ([...subject].length > subjectLimit)
    warnings.push(t("composer.warn_subject", { limit: subjectLimit }));
  if (html && !text.trim()) warnings.push(t("composer.warn_text"));
  if (html && !/unsubscribe_url/.test(html + text)) warnings.push(t("composer.warn_unsubscribe"));
  const bare = withoutDefault(subject, html, text);
  if (bare.length > 0) warnings.push(t("composer.warn_default", { traits: format.list(bare) }));
  return warnings;
}

type FieldErrors = Record<string, string>;

function useMissing(draft: CampaignInput): FieldErrors {
  const { t } = useTranslation();
  const errors: FieldErrors = {};
  if (!draft.name.trim()) errors["name"] = t("composer.name_needed");
  if (!draft.segment_id) errors["segment_id"] = t("composer.segment_needed");
  if (!/\S+@\S+/.test(draft.from)) errors["from"] = t("composer.from_needed");
  if (!draft.template.subject.trim()) errors["template.subject"] = t("composer.subject_needed");
  if (!draft.template.html.trim() && !draft.template.text.trim())
    errors["template.html"] = t("composer.body_needed");
  return errors;
}

/**
 * Writes a campaign: to whom, from whom, what; with the message as its reader sees it beside it.
 */
export function Composer({
  campaignId,
  initial,
}: {
  campaignId: string | null;
  initial: CampaignInput;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const { draft, setDraft, restored, discard, forget } = useKeptDraft(campaignId, initial);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [part, setPart] = useState<"html" | "text">("html");
  const subjectField = useRef<InputRef>(null);
  const bodyField = useRef<TextAreaRef>(null);
  const lastPart = useRef<Part>("html");
  const warnings = useWarnings(draft);
  const missing = useMissing(draft);
  const shown = useRested(draft, 200);

  const segments = useQuery({
    queryKey: ["segments", "choice"],
    queryFn: ({ signal }) => api.segments({ limit: 500 }, signal),
  });
  const segment = useQuery({
    queryKey: ["segment", draft.segment_id],
    queryFn: ({ signal }) => api.segment(draft.segment_id, signal),
    enabled: draft.segment_id !== "",
  });

  const set = (change: Partial<CampaignInput>) => setDraft({ ...draft, ...change });
  const setTemplate = (change: Partial<Template>) =>
    set({ template: { ...draft.template, ...change } });
  const fromServer: FieldErrors =
    error instanceof ApiError
      ? Object.fromEntries(error.fields.map((field) => [field.field, field.message]))
      : {};
  const help = (field: string) => fromServer[field] ?? (tried ? missing[field] : undefined);
  const item = (field: string) => ({
    help: help(field),
    validateStatus: help(field) ? ("error" as const) : ("" as const),
  });

  const insert = (text: string) => {
    const target = lastPart.current === "subject" ? "subject" : part;
    const element =
      target === "subject"
        ? subjectField.current?.input
        : bodyField.current?.resizableTextArea?.textArea;
    const value = draft.template[target];
    const start = element?.selectionStart ?? value.length;
    const end = element?.selectionEnd ?? value.length;
    setTemplate({ [target]: value.slice(0, start) + text + value.slice(end) });
    requestAnimationFrame(() => {
      element?.focus();
      element?.setSelectionRange(start + text.length, start + text.length);
    });
  };

  const save = async () => {
    setTried(true);
    setError(null);
    if (Object.keys(missing).length > 0) {
      void message.warning(t("composer.incomplete"));
      return;
    }
    setBusy(true);
    try {
      const saved = campaignId
        ? await api.updateCampaign(campaignId, draft)
        : await api.createCampaign(draft);
      forget();
      void client.invalidateQueries({ queryKey: ["campaigns"] });
      client.removeQueries({ queryKey: ["campaign", saved.id] });
      void message.success(t("composer.saved"));
      void navigate(`/campaigns/${saved.id}`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  const count = segment.data?.count;
  return (
    <>
      <PageHead
        back={
          campaignId
            ? { to: `/campaigns/${campaignId}`, text: initial.name }
            : { to: "/campaigns", text: t("nav.campaigns") }
        }
        title={campaignId ? t("campaigns.edit") : t("campaigns.new")}
      />
      {restored && (
        <Alert
          type="info"
          className="gap-below"
          title={t("composer.restored")}
          action={
            <Button size="small" onClick={discard}>
              {t("composer.discard")}
            </Button>
          }
        />
      )}
      <div className="composer">
        <Form layout="vertical" component="div">
          <Form.Item label={t("composer.name")} htmlFor="campaign-name" {...item("name")}>
            <Input
              id="campaign-name"
              value={draft.name}
              onChange={(event) => set({ name: event.target.value })}
              placeholder={t("composer.name_example")}
              maxLength={200}
              autoFocus={!campaignId}
            />
          </Form.Item>
          <Form.Item
            label={t("campaigns.audience")}
            htmlFor="campaign-segment"
            {...item("segment_id")}
            extra={
              count !== undefined && t("segments.size", { count, number: format.number(count) })
            }
          >
            <Select<string>
              id="campaign-segment"
              value={draft.segment_id || undefined}
              onChange={(segment_id) => set({ segment_id })}
              loading={segments.isPending}
              showSearch={{ optionFilterProp: "label" }}
              placeholder={t("composer.choose_segment")}
              options={
                segments.data?.items.map((choice) => ({ value: choice.id, label: choice.name })) ??
                []
              }
              notFoundContent={
                <ButtonLink type="link" to="/segments/new">
                  {t("start.segment_title")}
                </ButtonLink>
              }
            />
          </Form.Item>
          <Form.Item label={t("campaigns.from")} htmlFor="campaign-from" {...item("from")}>
            <Input
              id="campaign-from"
              value={draft.from}
              onChange={(event) => set({ from: event.target.value })}
              placeholder="Shop <hello@example.com>"
              maxLength={320}
            />
          </Form.Item>
          <Form.Item
            label={t("composer.subject")}
            htmlFor="campaign-subject"
            {...item("template.subject")}
          >
            <Input
              id="campaign-subject"
              ref={subjectField}
              value={draft.template.subject}
              onFocus={() => (lastPart.current = "subject")}
              onChange={(event) => setTemplate({ subject: event.target.value })}
              maxLength={1000}
              suffix={<span className="faint">{[...draft.template.subject].length}</span>}
            />
          </Form.Item>
          <Form.Item {...item(`template.${part}`)} className="composer-body">
            <div className="composer-bar">
              <Segmented<"html" | "text">
                value={part}
                onChange={setPart}
                options={[
                  { value: "html", label: "HTML" },
                  { value: "text", label: t("composer.text") },
                ]}
              />
              <Dropdown
                trigger={["click"]}
                menu={{
                  items: inserts.map((choice) => ({
                    key: choice.text,
                    label: t(`composer.insert_${choice.key}`),
                  })),
                  onClick: ({ key }) => insert(key),
                }}
              >
                <Button icon={<Braces size={14} />}>{t("composer.insert")}</Button>
              </Dropdown>
            </div>
            <Input.TextArea
              ref={bodyField}
              className="mono"
              autoSize={{ minRows: 14, maxRows: 32 }}
              value={draft.template[part]}
              onFocus={() => (lastPart.current = part)}
              onChange={(event) => setTemplate({ [part]: event.target.value })}
              spellCheck={part === "text"}
              aria-label={part === "html" ? "HTML" : t("composer.text")}
            />
          </Form.Item>
          {warnings.length > 0 && (
            <ul className="warnings">
              {warnings.map((warning) => (
                <li key={warning}>
                  <TriangleAlert size={15} aria-hidden />
                  {warning}
                </li>
              ))}
            </ul>
          )}
          {error !== null && (
            <Alert type="error" showIcon className="gap-below" title={errorText(error)} />
          )}
          <div className="form-end">
            <Button type="primary" loading={busy} onClick={() => void save()}>
              {t("composer.save")}
            </Button>
            <span className="muted">{t("composer.save_note")}</span>
          </div>
        </Form>
        <MailPreview template={shown.template} from={shown.from} segmentId={shown.segment_id} />
      </div>
    </>
  );
}
