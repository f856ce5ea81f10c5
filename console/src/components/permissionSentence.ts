import type { TFunction } from "i18next";
import type { CustomerEvent, Json } from "@/api/types";
import type { Format } from "@/lib/format";

const reasons = new Set([
  "customer_gone",
  "campaign_gone",
  "no_address",
  "invalid_address",
  "duplicate_address",
  "duplicate_customer",
  "suppressed",
  "unsubscribed",
  "no_consent",
  "consent_pending",
  "topic_gone",
  "paused",
  "quiet_hours",
  "frequency_cap",
  "customer_frequency",
  "lower_priority",
  "hold_expired",
  "cancelled",
  "hour_passed",
]);

/** Why a message was not sent, in words; what a provider said stays as it is. */
export function reasonText(reason: string, t: TFunction): string {
  return reasons.has(reason) ? t(`reason.${reason}`) : reason || "–";
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** What an event of consent, wishes or restraint says; null for other events. */
export function permissionSentence(
  event: CustomerEvent,
  t: TFunction,
  format: Format,
): string | null {
  const property = (name: string) => text(event.properties[name]);
  const topic =
    property("topic_id") === "all" ? t("permission.all_topics") : property("topic") || "–";
  switch (event.name) {
    case "Consent Given":
      return t("event.consent_given", { topic, source: property("source") || "–" });
    case "Consent Withdrawn":
      return t("event.consent_withdrawn", { topic, source: property("source") || "–" });
    case "Consent Requested":
      return t("event.consent_requested", { topic });
    case "Consent Confirmation Sent":
      return t("event.confirmation_sent", { address: property("address") });
    case "Consent Confirmation Failed":
      return t("event.confirmation_failed", { reason: reasonText(property("reason"), t) });
    case "Preferences Changed":
      return t("event.preferences_changed");
    case "Address Change Requested":
      return t("event.address_requested", { address: property("address") });
    case "Address Changed":
      return t("event.address_changed", { address: property("address") });
    case "Message Held":
      return t("event.message_held", {
        until: format.dateTime(property("retry_at")),
        reason: reasonText(property("reason"), t),
      });
    default:
      return null;
  }
}
