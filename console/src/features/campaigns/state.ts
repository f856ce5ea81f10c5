import type { Campaign, CampaignInput, CampaignStatus } from "@/api/types";

/** Started and not over: it may be paused and cancelled, and its figures still move. */
export const isOpen = (status: CampaignStatus) =>
  status === "scheduled" || status === "starting" || status === "sending" || status === "paused";

/** Every field that a person chooses; the compiler tells when the API has one more. */
const chosen: Record<keyof CampaignInput, true> = {
  name: true,
  segment_id: true,
  channel: true,
  from: true,
  template: true,
  kind: true,
  recipients: true,
  schedule: true,
  throttle_per_minute: true,
  experiment: true,
  control_percent: true,
  goal: true,
  topic: true,
  template_id: true,
  class: true,
  resend_of: true,
  attachments: true,
  invitation: true,
};

/** What a person chose of a campaign, whole, as it is sent to keep or to make it again. */
export function inputOf(campaign: Campaign): CampaignInput {
  const fields = Object.entries(campaign).filter(([field]) => field in chosen);
  return Object.fromEntries(fields) as unknown as CampaignInput;
}
