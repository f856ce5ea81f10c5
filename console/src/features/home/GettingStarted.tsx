import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Overview } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { Snippet } from "@/components/Snippet";
import { useFormat } from "@/lib/format";
import { type Permission, useCan } from "@/lib/session";

interface Step {
  key: string;
  done: (overview: Overview) => boolean;
  to?: string;
  needs?: Permission;
}

/**
 * The way from an empty workspace to a delivered message; each step is done when the figures say
 * so.
 */
export const steps: Step[] = [
  { key: "event", done: (overview) => overview.events > 0 },
  { key: "customer", done: (overview) => overview.customers > 0, to: "/customers" },
  {
    key: "segment",
    done: (overview) => overview.segments > 0,
    to: "/segments/new",
    needs: "segments.write",
  },
  {
    key: "campaign",
    done: (overview) => overview.messages.sent > 0,
    to: "/campaigns/new",
    needs: "campaigns.write",
  },
];

function firstEvent(): string {
  return [
    `curl ${window.location.origin}/v1/identify \\`,
    "  -u YOUR_WRITE_KEY: \\",
    "  -H 'Content-Type: application/json' \\",
    `  -d '{"userId":"u-1","traits":{"name":"Ada Lovelace","email":"ada@example.com"}}'`,
  ].join("\n");
}

export function GettingStarted({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayMakeKeys = useCan("access.write");
  const may: Partial<Record<Permission, boolean>> = {
    "segments.write": useCan("segments.write"),
    "campaigns.write": useCan("campaigns.write"),
  };
  const count = steps.filter((step) => step.done(overview)).length;
  const current = steps.find((step) => !step.done(overview))?.key;
  return (
    <section className="panel start">
      <div className="panel-head">
        <h2>{t("start.title")}</h2>
        <small>
          {t("start.progress", { done: format.number(count), all: format.number(steps.length) })}
        </small>
      </div>
      <ol>
        {steps.map((step, index) => {
          const done = step.done(overview);
          const state = done ? "is-done" : step.key === current ? "is-current" : "";
          return (
            <li key={step.key} className={`step ${state}`}>
              <span className="step-mark" aria-hidden>
                {done ? <Check size={14} strokeWidth={3} /> : format.number(index + 1)}
              </span>
              <div className="step-body">
                <h3>
                  {t(`start.${step.key}_title`)}
                  {done && <span className="hidden"> ({t("start.done")})</span>}
                </h3>
                {step.key === current && (
                  <>
                    <p className="muted">{t(`start.${step.key}_text`)}</p>
                    {step.key === "event" ? (
                      <>
                        <Snippet text={firstEvent()} />
                        {mayMakeKeys && <Link to="/settings/keys">{t("start.event_keys")}</Link>}
                      </>
                    ) : (
                      step.to &&
                      (!step.needs || may[step.needs]) && (
                        <ButtonLink to={step.to} type="primary">
                          {t(`start.${step.key}_action`)}
                        </ButtonLink>
                      )
                    )}
                  </>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
