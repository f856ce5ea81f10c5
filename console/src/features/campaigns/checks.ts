import type { TFunction } from "i18next";
import type { CampaignInput, Template } from "@/api/types";
import type { Format } from "@/lib/format";
import { withoutDefault } from "@/lib/personalise";
import { subjectLimit } from "./insertion";
import { audienceOf, whenOf } from "./plan";

interface Part {
  /** Of the fields' names, as the API names them. */
  prefix: string;
  template: Partial<Template>;
  template_id?: string | undefined;
}

/** Every message that may go: the draft's own, or each of its variants. */
function partsOf(draft: CampaignInput): Part[] {
  const variants = draft.experiment?.variants;
  if (!variants)
    return [{ prefix: "template", template: draft.template, template_id: draft.template_id }];
  return variants.map((variant, index) => ({
    prefix: `experiment.variants[${index}].template`,
    template: variant.template ?? {},
    template_id: variant.template_id,
  }));
}

/** What should be looked at before sending; none of it forbids it. */
export function warningsOf(draft: CampaignInput, t: TFunction, format: Format): string[] {
  const warnings = new Set<string>();
  for (const part of partsOf(draft)) {
    if (part.template_id !== undefined) continue;
    const { subject = "", html = "", text = "" } = part.template;
    if ([...subject].length > subjectLimit)
      warnings.add(t("composer.warn_subject", { limit: subjectLimit }));
    if (html && !text.trim()) warnings.add(t("composer.warn_text"));
    if ((html || text) && !/unsubscribe_url/.test(html + text))
      warnings.add(t("composer.warn_unsubscribe"));
    const bare = withoutDefault(subject, html, text);
    if (bare.length > 0) warnings.add(t("composer.warn_default", { traits: format.list(bare) }));
  }
  return [...warnings];
}

export type FieldErrors = Record<string, string>;

function missingContent(draft: CampaignInput, t: TFunction, errors: FieldErrors): void {
  for (const { prefix, template, template_id: id } of partsOf(draft)) {
    if (id === "")
      errors[prefix === "template" ? "template_id" : `${prefix}_id`] = t(
        "composer.template_needed",
      );
    if (id !== undefined) continue;
    if (!template.subject?.trim()) errors[`${prefix}.subject`] = t("composer.subject_needed");
    if (!template.html?.trim() && !template.text?.trim())
      errors[`${prefix}.html`] = t("composer.body_needed");
  }
  const test = draft.experiment;
  if (!test) return;
  const whole = test.variants.reduce((sum, variant) => sum + variant.share, 0);
  if (whole !== 100) errors["experiment.variants"] = t("experiment.shares_needed", { whole });
  if (test.winner === "conversion" && !draft.goal)
    errors["experiment.winner"] = t("experiment.goal_needed");
}

function missingTimes(draft: CampaignInput, t: TFunction, errors: FieldErrors): void {
  const { at, local_time: local, rule, ends_at: ends } = draft.schedule ?? {};
  const when = whenOf(draft);
  if (when === "at" && !at) errors["schedule.at"] = t("schedule.at_needed");
  if (when === "local" && !local) errors["schedule.local_time"] = t("schedule.at_needed");
  if (when === "recurring" && !rule?.trim()) errors["schedule.rule"] = t("schedule.rule_needed");
  if (at && ends && Date.parse(ends) <= Date.parse(at))
    errors["schedule.ends_at"] = t("schedule.ends_before");
}

/** What must be there before the draft can be kept on the server, by field. */
export function missingOf(draft: CampaignInput, t: TFunction): FieldErrors {
  const errors: FieldErrors = {};
  if (!draft.name.trim()) errors["name"] = t("composer.name_needed");
  const { segments, lists } = audienceOf(draft);
  const named = draft.kind === "triggered" || draft.resend_of !== undefined;
  if (!named && segments.length + lists.length === 0)
    errors["segment_id"] = t("composer.segment_needed");
  if (!/\S+@\S+/.test(draft.from)) errors["from"] = t("composer.from_needed");
  missingContent(draft, t, errors);
  missingTimes(draft, t, errors);
  if (draft.goal && !draft.goal.event.trim()) errors["goal.event"] = t("goal.event_needed");
  draft.goal?.where?.forEach((filter, index) => {
    if (!filter.property.trim() || (filter.op !== "exists" && filter.value === ""))
      errors[`goal.where[${index}]`] = t("goal.filter_needed");
  });
  return errors;
}

export type Step = "audience" | "content" | "schedule" | "goal" | "review";
export const steps: Step[] = ["audience", "content", "schedule", "goal", "review"];

const places: [RegExp, Step][] = [
  [/^(name|segment_id|recipients|control_percent|topic|class)/, "audience"],
  [/^(schedule|kind|throttle)/, "schedule"],
  [/^goal/, "goal"],
];

/** The step on which a field stands. */
export const stepOf = (field: string): Step =>
  places.find(([names]) => names.test(field))?.[1] ?? "content";
