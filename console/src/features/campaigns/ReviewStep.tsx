import { CircleCheck, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CampaignInput } from "@/api/types";
import { useFormat } from "@/lib/format";
import { type FieldErrors, type Step, stepOf } from "./checks";
import { Preview, Warnings } from "./ContentStep";
import { whenOf } from "./plan";
import { planSentences } from "./planSentence";
import { useAudience } from "./useAudience";

function Fact({ good, label, children }: { good: boolean; label: string; children: ReactNode }) {
  const Icon = good ? CircleCheck : CircleX;
  return (
    <li className={good ? "review-fact is-good" : "review-fact is-missing"}>
      <Icon size={18} aria-hidden />
      <span className="muted">{label}</span>
      <span>{children}</span>
    </li>
  );
}

/** Everything once more before it leaves, in plain words; what is missing leads to its step. */
export function ReviewStep({
  draft,
  missing,
  warnings,
  go,
}: {
  draft: CampaignInput;
  missing: FieldErrors;
  warnings: string[];
  go: (step: Step) => void;
}) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const audience = useAudience(draft);
  const sentences = planSentences(draft, audience.data?.count, t, format, i18n.language);
  const [first, ...rest] = sentences;
  const parts: [Step, string][] = [
    ["audience", draft.name],
    ["content", [draft.from, draft.template.subject].filter(Boolean).join(" · ")],
    ["schedule", t(`when.${whenOf(draft)}`)],
    ["goal", draft.goal?.event ?? t("goal.none")],
  ];
  const faults = (step: Step) =>
    Object.entries(missing).filter(([field]) => stepOf(field) === step);
  return (
    <div className="composer">
      <div>
        <section className="panel review-words">
          <p className="review-lead">{first}</p>
          {rest.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </section>
        <ul className="review">
          {parts.map(([step, text]) => {
            const wrong = faults(step);
            return (
              <Fact key={step} good={wrong.length === 0} label={t(`step.${step}`)}>
                {wrong.length === 0
                  ? text
                  : wrong.map(([field, fault]) => (
                      <button
                        key={field}
                        type="button"
                        className="link-button"
                        onClick={() => go(step)}
                      >
                        {fault}
                      </button>
                    ))}
              </Fact>
            );
          })}
        </ul>
        <Warnings warnings={warnings} />
      </div>
      <Preview draft={draft} />
    </div>
  );
}
