import { useTranslation } from "react-i18next";
import type { CampaignStatus as Status, MessageStatus as Message } from "@/api/types";
import { Pill, type Tone } from "./Pill";

const campaignTones: Record<Status, Tone> = {
  draft: "neutral",
  starting: "busy",
  sending: "busy",
  done: "good",
  scheduled: "neutral",
  paused: "warn",
  cancelled: "bad",
};

export function CampaignStatus({ status }: { status: Status }) {
  const { t } = useTranslation();
  return <Pill tone={campaignTones[status]}>{t(`campaign_status.${status}`)}</Pill>;
}

const messageTones: Record<Message, Tone> = {
  queued: "busy",
  deferred: "warn",
  sent: "neutral",
  failed: "bad",
  skipped: "warn",
  opened: "good",
  clicked: "good",
  unsubscribed: "warn",
  delivered: "neutral",
  bounced: "bad",
  complained: "bad",
  replied: "good",
  withheld: "neutral",
  held: "busy",
};

export function MessageStatus({ status }: { status: Message }) {
  const { t } = useTranslation();
  return <Pill tone={messageTones[status]}>{t(`status.${status}`)}</Pill>;
}
