import type { TFunction } from "i18next";
import type { CampaignInput } from "@/api/types";
import type { Format } from "@/lib/format";
import { withoutDefault } from "@/lib/personalise";
import { subjectLimit } from "./insertion";

/** What should be looked at before sending; none of it forbids it. */
export function warningsOf(draft: CampaignInput, t: TFunction, format: Format): string[] {
  const { subject, html, text } = draft.template;
  const warnings: string[] = [];
  if ([...subject].length > subjectLimit)
    warnings.push(t("composer.warn_subject", { limit: subjectLimit }));
  if (html && !text.trim()) warnings.push(t("composer.warn_text"));
  if ((html || text) && !/unsubscribe_url/.test(html + text))
    warnings.push(t("composer.warn_unsubscribe"));
  const bare = withoutDefault(subject, html, text);
  if (bare.length > 0) warnings.push(t("composer.warn_default", { traits: format.list(bare) }));
  return warnings;
}

export type FieldErrors = Record<string, string>;

/** What must be there before the draft can be kept on the server, by field. */
export function missingOf(draft: CampaignInput, t: TFunction): FieldErrors {
  const errors: FieldErrors = {};
  if (!draft.name.trim()) errors["name"] = t("composer.name_needed");
  if (!draft.segment_id) errors["segment_id"] = t("composer.segment_needed");
  if (!/\S+@\S+/.test(draft.from)) errors["from"] = t("composer.from_needed");
  if (!draft.template.subject.trim()) errors["template.subject"] = t("composer.subject_needed");
  if (!draft.template.html.trim() && !draft.template.text.trim())
    errors["template.html"] = t("composer.body_needed");
  return errors;
}

export type Step = "audience" | "content" | "review";
export const steps: Step[] = ["audience", "content", "review"];

/** The step on which a field stands. */
export const stepOf = (field: string): Step =>
  field === "name" || field === "segment_id" ? "audience" : "content";
