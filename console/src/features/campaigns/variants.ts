import type { TFunction } from "i18next";
import type { Campaign } from "@/api/types";

/** What a variant is called: its own name, its letter, or what it stands for. */
export function variantLabel(variant: string, campaign: Campaign, t: TFunction): string {
  if (variant === "control") return t("status.withheld");
  if (variant === "holdout") return t("variant.holdout");
  if (variant === "winner") return t("variant.winner");
  const index = variant.charCodeAt(0) - "a".charCodeAt(0);
  const name = campaign.experiment?.variants[index]?.name;
  return name || t("variant.letter", { letter: variant.toUpperCase() });
}

/** Where the recipients behind a number of the campaign's report are. */
export function recipientsOf(campaign: { id: string }, query: Record<string, string>): string {
  const search = new URLSearchParams({ tab: "messages", ...query });
  return `/campaigns/${campaign.id}?${search.toString()}`;
}
