// The forms beside traits and plain events: absence, sequence, membership, a sample of everybody.
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
  newFilter,
  newStep,
  type SequenceDraft,
  type StepDraft,
} from "@/components/conditions/condition";
import { FilterFields } from "./EventFields";
import { LengthField } from "./LengthField";
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
          disabled={steps.length >= 10}
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

export function BucketFields({ draft, onChange }: Props<BucketDraft>) {
  const { t } = useTranslation();
  const share = (value: number, put: (value: number) => void, label: string) => (
    <InputNumber
      className="field-number"
      min={0}
      max={100}
      precision={2}
      step={0.5}
      value={value}
      formatter={(shown) => String(Number(shown ?? 0))}
      onChange={(next) => put(next ?? 0)}
      aria-label={label}
    />
  );
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
      <span className="field-count">
        {share(draft.from, (from) => onChange({ ...draft, from }), t("builder.from"))}
        <span className="muted">–</span>
        {share(draft.to, (to) => onChange({ ...draft, to }), t("builder.to"))}
        <span className="muted">%</span>
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
