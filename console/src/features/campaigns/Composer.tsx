import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Steps } from "antd";
import { ArrowLeft, ArrowRight, Send } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { ApiError } from "@/api/client";
import { api } from "@/api/operations";
import type { CampaignInput } from "@/api/types";
import { useErrorText } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { useDraft } from "@/lib/drafts";
import { useFormat } from "@/lib/format";
import { AudienceStep } from "./AudienceStep";
import { type FieldErrors, missingOf, type Step, stepOf, steps, warningsOf } from "./checks";
import { ContentStep } from "./ContentStep";
import { GoalStep } from "./GoalStep";
import { audienceOf, bodyOf, whenOf } from "./plan";
import { ReviewStep } from "./ReviewStep";
import { ScheduleStep } from "./ScheduleStep";
import { TestMessage } from "./TestMessage";
import { useStart } from "./useStart";

const saveAfterMs = 1_500;
const same = (a: CampaignInput, b: CampaignInput) => JSON.stringify(a) === JSON.stringify(b);

interface Kept {
  draft: CampaignInput;
}

/** Keeps the draft on the server by itself once it can be; says how far it is. */
function useAutosave(campaignId: string | null, draft: CampaignInput, stored: CampaignInput) {
  const client = useQueryClient();
  const [saved, setSaved] = useState(stored);
  const [failed, setFailed] = useState(false);
  const { t } = useTranslation();
  const whole = Object.keys(missingOf(draft, t)).length === 0;
  const dirty = !same(draft, saved);
  useEffect(() => {
    if (!campaignId || !whole || !dirty) return undefined;
    const timer = setTimeout(() => {
      api.updateCampaign(campaignId, bodyOf(draft)).then(
        () => {
          setSaved(draft);
          setFailed(false);
          client.removeQueries({ queryKey: ["campaign", campaignId] });
        },
        () => setFailed(true),
      );
    }, saveAfterMs);
    return () => clearTimeout(timer);
  }, [campaignId, draft, whole, dirty, client]);
  return { dirty, failed, markSaved: setSaved };
}

function useStep(): [Step, (step: Step) => void] {
  const [search, setSearch] = useSearchParams();
  const step = steps.find((item) => item === search.get("step")) ?? "audience";
  return [
    step,
    (next) => {
      setSearch((before) => {
        const after = new URLSearchParams(before);
        after.set("step", next);
        return after;
      });
      window.scrollTo({ top: 0 });
    },
  ];
}

/** Writes a campaign step by step: to whom, what, a last look; nothing typed is lost. */
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
  const kept = useDraft<Kept>(`campaign.${campaignId ?? "new"}`);
  const found = kept.found?.draft;
  const [draft, setDraft] = useState<CampaignInput>(() =>
    found && initial.segment_id && !campaignId
      ? { ...found, segment_id: initial.segment_id, recipients: audienceOf(initial) }
      : (found ?? initial),
  );
  const [restored, setRestored] = useState(found !== undefined && !same(found, initial));
  const [search] = useSearchParams();
  const [step, setStep] = useStep();
  const [tried, setTried] = useState<Step[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const heading = useRef<HTMLDivElement>(null);
  const autosave = useAutosave(campaignId, draft, initial);
  const start = useStart();
  const missing = missingOf(draft, t);
  const warnings = warningsOf(draft, t, format);
  const whole = Object.keys(missing).length === 0;

  const set = (change: Partial<CampaignInput>) => {
    // A part that is taken away is absent, not undefined: so it is kept and compared.
    const next = Object.fromEntries(
      Object.entries({ ...draft, ...change }).filter(([, value]) => value !== undefined),
    ) as unknown as CampaignInput;
    setDraft(next);
    kept.keep({ draft: next });
    setError(null);
  };
  const fromServer: FieldErrors =
    error instanceof ApiError
      ? Object.fromEntries(error.fields.map((field) => [field.field, field.message]))
      : {};
  const help = (field: string) =>
    fromServer[field] ?? (tried.includes(stepOf(field)) ? missing[field] : undefined);
  const go = (next: Step) => {
    setTried((before) => [...new Set([...before, step])]);
    setStep(next);
    heading.current?.focus();
  };

  /** Keeps the draft on the server; answers its id, or null when that was refused. */
  const save = async (): Promise<string | null> => {
    setTried(steps);
    setError(null);
    if (!whole) {
      void message.warning(t("composer.incomplete"));
      return null;
    }
    setBusy(true);
    try {
      const saved = campaignId
        ? await api.updateCampaign(campaignId, bodyOf(draft))
        : await api.createCampaign(bodyOf(draft));
      kept.forget();
      autosave.markSaved(draft);
      void client.invalidateQueries({ queryKey: ["campaigns"] });
      client.removeQueries({ queryKey: ["campaign", saved.id] });
      return saved.id;
    } catch (problem) {
      setError(problem);
      const field = problem instanceof ApiError ? problem.fields[0]?.field : undefined;
      if (field) setStep(stepOf(field));
      return null;
    } finally {
      setBusy(false);
    }
  };
  const saveAndLeave = async () => {
    const id = await save();
    if (id) {
      void message.success(t("composer.saved"));
      void navigate(`/campaigns/${id}`);
    }
  };
  /** From the first time on the draft has an address of its own, so none is made twice. */
  const saveAndStay = async (): Promise<string | null> => {
    const id = await save();
    if (id && !campaignId) {
      const after = new URLSearchParams(search);
      after.delete("segment");
      void navigate(`/campaigns/${id}/edit?${after.toString()}`, { replace: true });
    }
    return id;
  };
  const saveAndStart = async () => {
    const id = await saveAndStay();
    if (!id) return;
    start({ ...draft, id });
  };

  const at = steps.indexOf(step);
  const before = steps[at - 1];
  const after = steps[at + 1];
  const faulty = (item: Step) => Object.keys(missing).some((field) => stepOf(field) === item);
  return (
    <>
      <PageHead
        back={
          campaignId
            ? { to: `/campaigns/${campaignId}`, text: initial.name }
            : { to: "/campaigns", text: t("nav.campaigns") }
        }
        title={draft.name.trim() || t("campaigns.new")}
        note={
          campaignId
            ? autosave.failed
              ? t("composer.kept_here")
              : autosave.dirty
                ? t("composer.saving")
                : t("composer.all_saved")
            : t("composer.kept_here")
        }
        actions={
          <Button loading={busy} onClick={() => void saveAndLeave()}>
            {t("composer.save")}
          </Button>
        }
      />
      {restored && (
        <Alert
          type="info"
          className="gap-below"
          title={t("composer.restored")}
          action={
            <Button
              size="small"
              onClick={() => {
                kept.forget();
                setDraft(initial);
                setRestored(false);
              }}
            >
              {t("composer.discard")}
            </Button>
          }
        />
      )}
      <div ref={heading} tabIndex={-1} className="composer-steps">
        <Steps
          responsive={false}
          size="small"
          current={at}
          onChange={(index) => go(steps[index] ?? "audience")}
          items={steps.map((item) => ({
            title: t(`step.${item}`),
            status:
              item === step
                ? ("process" as const)
                : tried.includes(item) && faulty(item)
                  ? ("error" as const)
                  : item !== "review" && !faulty(item)
                    ? ("finish" as const)
                    : ("wait" as const),
          }))}
        />
      </div>
      {error !== null && (
        <Alert type="error" showIcon className="gap-below" title={errorText(error)} />
      )}
      <Form layout="vertical" component="div">
        {step === "audience" && <AudienceStep draft={draft} set={set} help={help} />}
        {step === "content" && (
          <ContentStep draft={draft} set={set} help={help} warnings={warnings} />
        )}
        {step === "schedule" && <ScheduleStep draft={draft} set={set} help={help} />}
        {step === "goal" && <GoalStep draft={draft} set={set} help={help} />}
        {step === "review" && (
          <ReviewStep draft={draft} missing={missing} warnings={warnings} go={go} />
        )}
      </Form>
      <div className="form-end composer-end">
        {before && (
          <Button icon={<ArrowLeft size={15} />} onClick={() => go(before)}>
            {t("pager.back")}
          </Button>
        )}
        {after && (
          <Button
            type="primary"
            icon={<ArrowRight size={15} />}
            iconPlacement="end"
            onClick={() => go(after)}
          >
            {t("composer.continue")}
          </Button>
        )}
        {step !== "audience" && <TestMessage draft={draft} missing={missing} save={saveAndStay} />}
        {step === "review" && (
          <Button
            type="primary"
            icon={<Send size={15} />}
            loading={busy}
            disabled={!whole}
            onClick={() => void saveAndStart()}
          >
            {whenOf(draft) === "now" ? t("campaigns.start") : t("campaigns.start_plan")}
          </Button>
        )}
      </div>
    </>
  );
}
