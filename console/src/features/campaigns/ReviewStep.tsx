import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { CampaignInput } from "@/api/types";
import { useFormat } from "@/lib/format";
import { type FieldErrors, type Step, stepOf } from "./checks";
import { Warnings } from "./ContentStep";
import { MailPreview } from "./MailPreview";

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

/** Everything once more before it leaves: to whom, from whom, what, and what looks wrong. */
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
  const { t } = useTranslation();
  const format = useFormat();
  const segment = useQuery({
    queryKey: ["segment", draft.segment_id],
    queryFn: ({ signal }) => api.segment(draft.segment_id, signal),
    enabled: draft.segment_id !== "",
  });
  const count = segment.data?.count;
  const open = (field: string, text: string) =>
    missing[field] ? (
      <button type="button" className="link-button" onClick={() => go(stepOf(field))}>
        {missing[field]}
      </button>
    ) : (
      text
    );
  const facts: [string, string, string][] = [
    ["name", t("composer.name"), draft.name],
    [
      "segment_id",
      t("campaigns.audience"),
      segment.data
        ? `${segment.data.name} · ${t("segments.size", {
            count: count ?? 0,
            number: format.number(count ?? 0),
          })}`
        : "…",
    ],
    ["from", t("campaigns.from"), draft.from],
    ["template.subject", t("composer.subject"), draft.template.subject],
    [
      "template.html",
      t("campaigns.content"),
      [draft.template.html && "HTML", draft.template.text && t("composer.text")]
        .filter(Boolean)
        .join(" + "),
    ],
  ];
  return (
    <div className="composer">
      <div>
        <ul className="review">
          {facts.map(([field, label, text]) => (
            <Fact key={field} good={!missing[field]} label={label}>
              {open(field, text)}
            </Fact>
          ))}
        </ul>
        <Warnings warnings={warnings} />
      </div>
      <MailPreview template={draft.template} from={draft.from} segmentId={draft.segment_id} />
    </div>
  );
}
