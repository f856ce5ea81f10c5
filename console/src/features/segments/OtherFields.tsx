// The forms beside traits and plain events: absence, sequence, messages, membership, topic, place,
// and a sample of everybody.
import { useQuery } from "@tanstack/react-query";
import { Button, Input, InputNumber, Select, Slider } from "antd";
import { Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { lists } from "@/api/lists";
import { api } from "@/api/operations";
import {
  type AbsenceDraft,
  type BucketDraft,
  type MemberDraft,
  type MessageDraft,
  newFilter,
  newStep,
  type PlaceDraft,
  type SequenceDraft,
  type StepDraft,
  type TopicDraft,
} from "@/components/conditions/condition";
import { CountFields, FilterFields } from "./EventFields";
import { type MessageFact, messageFacts } from "@/components/conditions/language";
import { LengthField } from "./LengthField";
import { NameField } from "@/components/Suggest";
import { WindowFields } from "./WindowFields";

interface Props<T> {
  draft: T;
  onChange: (draft: T) => void;
}

/** The first field of a line: whether what follows holds or does not. */
export function Sign<T extends { negated: boolean }>({
  draft,
  onChange,
  yes,
  no,
}: Props<T> & { yes: string; no: string }) {
  const { t } = useTranslation();
  return (
    <Select<string>
      className="field-lead"
      variant="filled"
      value={draft.negated ? "no" : "yes"}
      onChange={(value) => onChange({ ...draft, negated: value === "no" })}
      options={[
        { value: "yes", label: yes },
        { value: "no", label: no },
      ]}
      aria-label={t("builder.sign")}
      popupMatchSelectWidth={false}
    />
  );
}

export function AbsenceFields({ draft, onChange }: Props<AbsenceDraft>) {
  const { t } = useTranslation();
  return (
    <>
      <FilterFields
        filter={draft}
        onChange={(filter) => onChange({ ...draft, ...filter })}
        lead={
          <Sign
            draft={draft}
            onChange={onChange}
            yes={t("builder.did")}
            no={t("builder.not_true")}
          />
        }
      />
      <div className="condition-line">
        <WindowFields window={draft.window} onChange={(window) => onChange({ ...draft, window })} />
      </div>
      <FilterFields
        filter={draft.absent}
        onChange={(absent) => onChange({ ...draft, absent })}
        lead={<span className="step-word">{t("builder.but_not")}</span>}
      />
      <div className="condition-line">
        <span className="muted">{t("builder.within_after")}</span>
        <LengthField
          value={draft.within}
          onChange={(within) => onChange({ ...draft, within })}
          label={t("builder.within_after")}
        />
      </div>
    </>
  );
}

function Step({
  step,
  first,
  lead,
  onChange,
  onRemove,
}: {
  step: StepDraft;
  first: boolean;
  lead: ReactNode;
  onChange: (step: StepDraft) => void;
  onRemove: (() => void) | null;
}) {
  const { t } = useTranslation();
  return (
    <li className="step">
      <FilterFields
        filter={step}
        onChange={(filter) => onChange({ ...step, ...filter })}
        lead={lead}
      />
      {!first && (
        <div className="condition-line">
          <Select<string>
            value={step.maxGap === null ? "any" : "gap"}
            onChange={(value) => onChange({ ...step, maxGap: value === "any" ? null : "1d" })}
            options={[
              { value: "any", label: t("builder.gap_any") },
              { value: "gap", label: t("builder.gap_max") },
            ]}
            aria-label={t("builder.gap_max")}
            popupMatchSelectWidth={false}
          />
          {step.maxGap !== null && (
            <LengthField
              value={step.maxGap}
              onChange={(maxGap) => onChange({ ...step, maxGap })}
              label={t("builder.gap_max")}
            />
          )}
          <Button
            type="link"
            size="small"
            onClick={() => onChange({ ...step, without: step.without ? null : newFilter() })}
          >
            {step.without ? t("builder.without_remove") : t("builder.without_add")}
          </Button>
          {onRemove && (
            <Button
              type="text"
              icon={<Trash2 size={15} />}
              aria-label={t("builder.remove")}
              onClick={onRemove}
            />
          )}
        </div>
      )}
      {!first && step.without && (
        <div className="condition-where">
          <FilterFields
            filter={step.without}
            onChange={(without) => onChange({ ...step, without })}
            lead={<span className="step-word">{t("builder.without")}</span>}
          />
        </div>
      )}
    </li>
  );
}

export function SequenceFields({ draft, onChange }: Props<SequenceDraft>) {
  const { t } = useTranslation();
  const { steps } = draft;
  const change = (step: StepDraft) =>
    onChange({
      ...draft,
      steps: steps.map((other) => (other.key === step.key ? step : other)),
    });
  return (
    <>
      <ol className="steps">
        {steps.map((step, index) => (
          <Step
            key={step.key}
            step={step}
            first={index === 0}
            onChange={change}
            onRemove={
              steps.length > 2
                ? () =>
                    onChange({ ...draft, steps: steps.filter((other) => other.key !== step.key) })
                : null
            }
            lead={
              index === 0 ? (
                <Sign
                  draft={draft}
                  onChange={onChange}
                  yes={t("builder.first_did")}
                  no={t("builder.never_first_did")}
                />
              ) : (
                <span className="step-word">{t("builder.then")}</span>
              )
            }
          />
        ))}
      </ol>
      <div className="condition-line">
        <Button
          type="link"
          size="small"
          icon={<Plus size={14} />}
          disabled={steps.length >= 8}
          onClick={() => onChange({ ...draft, steps: [...steps, newStep()] })}
        >
          {t("builder.add_step")}
        </Button>
        <span className="muted">{t("builder.all_of_it")}</span>
        <WindowFields window={draft.window} onChange={(window) => onChange({ ...draft, window })} />
      </div>
    </>
  );
}

export function MessageFields({ draft, onChange }: Props<MessageDraft>) {
  const { t } = useTranslation();
  const campaigns = useQuery({
    queryKey: ["campaigns", "choice"],
    queryFn: ({ signal }) => api.campaigns({ limit: 200 }, signal),
    staleTime: 60_000,
  });
  return (
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
      <CountFields
        counts={draft.counts}
        onChange={(counts) => onChange({ ...draft, counts })}
        unit={t("builder.times")}
      />
      <WindowFields window={draft.window} onChange={(window) => onChange({ ...draft, window })} />
    </div>
  );
}

export function MemberFields({ draft, onChange }: Props<MemberDraft>) {
  const { t } = useTranslation();
  const segments = useQuery({
    queryKey: ["segments", "choice"],
    queryFn: ({ signal }) => api.segments({ limit: 500 }, signal),
    enabled: draft.kind === "segment",
    staleTime: 60_000,
  });
  const named = useQuery({
    queryKey: ["lists", "choice"],
    queryFn: ({ signal }) => lists.all({ limit: 500 }, signal),
    enabled: draft.kind === "list",
    staleTime: 60_000,
  });
  const isSegment = draft.kind === "segment";
  const items = (isSegment ? segments.data?.items : named.data?.items) ?? [];
  return (
    <div className="condition-line">
      <Sign
        draft={draft}
        onChange={onChange}
        yes={isSegment ? t("builder.in_segment") : t("builder.in_list")}
        no={isSegment ? t("builder.not_in_segment") : t("builder.not_in_list")}
      />
      <Select<string>
        className="field-list"
        value={draft.id || undefined}
        onChange={(id) => onChange({ ...draft, id })}
        showSearch={{ optionFilterProp: "label" }}
        options={items.map((item) => ({ value: item.id, label: item.name }))}
        placeholder={isSegment ? t("composer.choose_segment") : t("builder.choose_list")}
        aria-label={isSegment ? t("composer.choose_segment") : t("builder.choose_list")}
      />
    </div>
  );
}

export function TopicFields({ draft, onChange }: Props<TopicDraft>) {
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
      <Input
        className="field-name"
        value={draft.topic}
        onChange={(event) => onChange({ ...draft, topic: event.target.value })}
        placeholder={t("builder.topic")}
        aria-label={t("builder.topic")}
        maxLength={200}
      />
    </div>
  );
}

export function PlaceFields({ draft, onChange }: Props<PlaceDraft>) {
  const { t } = useTranslation();
  const { near } = draft;
  const number = (
    value: number,
    put: (value: number) => void,
    label: string,
    bound: number,
    least = -bound,
  ) => (
    <InputNumber
      className="field-degrees"
      min={least}
      max={bound}
      value={value}
      onChange={(next) => put(next ?? 0)}
      prefix={<span className="muted">{label}</span>}
      aria-label={label}
    />
  );
  return (
    <div className="condition-line">
      <Sign
        draft={draft}
        onChange={onChange}
        yes={near ? t("builder.near") : t("builder.inside")}
        no={near ? t("builder.not_near") : t("builder.not_inside")}
      />
      {near ? (
        <>
          {number(near.km, (km) => onChange({ ...draft, near: { ...near, km } }), "km", 20_000, 0)}
          <span className="muted">{t("builder.around")}</span>
          {number(
            near.lat,
            (lat) => onChange({ ...draft, near: { ...near, lat } }),
            t("builder.lat"),
            90,
          )}
          {number(
            near.lon,
            (lon) => onChange({ ...draft, near: { ...near, lon } }),
            t("builder.lon"),
            180,
          )}
        </>
      ) : (
        <span className="muted">{t("builder.corners", { count: draft.inside.length })}</span>
      )}
      <span className="muted">{t("builder.by_trait")}</span>
      <NameField
        of={{ kind: "traits" }}
        value={draft.location}
        onChange={(location) => onChange({ ...draft, location })}
        label={t("builder.trait_name")}
      />
    </div>
  );
}

export function BucketFields({ draft, onChange }: Props<BucketDraft>) {
  const { t } = useTranslation();
  return (
    <div className="condition-line">
      <Sign
        draft={draft}
        onChange={onChange}
        yes={t("builder.sample")}
        no={t("builder.not_sample")}
      />
      <Slider
        className="field-slider"
        range
        min={0}
        max={100}
        step={1}
        value={[draft.from, draft.to]}
        onChange={([from = 0, to = 100]) => onChange({ ...draft, from, to })}
        ariaLabelForHandle={[t("builder.from"), t("builder.to")]}
        tooltip={{ formatter: (value) => `${value}%` }}
      />
      <span className="nowrap">
        {draft.from}–{draft.to}%
      </span>
      <span className="muted">{t("builder.salt")}</span>
      <Input
        className="field-short"
        value={draft.salt}
        onChange={(event) => onChange({ ...draft, salt: event.target.value })}
        aria-label={t("builder.salt")}
        maxLength={100}
      />
    </div>
  );
}
