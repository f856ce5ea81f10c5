import type { TFunction } from "i18next";
import {
  Ban,
  BellOff,
  Building2,
  CreditCard,
  Eye,
  type LucideIcon,
  Mail,
  MailOpen,
  MousePointerClick,
  PenLine,
  ShoppingCart,
  Smartphone,
  Undo2,
  UserRoundPen,
  Zap,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { CustomerEvent, Json, JsonObject } from "@/api/types";
import { type Format, useFormat } from "@/lib/format";

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function amount(properties: JsonObject, format: Format): string {
  const value = properties["total"] ?? properties["revenue"] ?? properties["value"];
  if (typeof value !== "number") return "";
  const currency = text(properties["currency"]);
  return currency ? format.money(value, currency) : format.number(value);
}

function items(properties: JsonObject): number {
  const products = properties["products"];
  if (!Array.isArray(products)) return 0;
  return products.reduce<number>((sum, product) => {
    const quantity =
      product && typeof product === "object" && !Array.isArray(product) ? product["quantity"] : 1;
    return sum + (typeof quantity === "number" && quantity > 0 ? quantity : 1);
  }, 0);
}

const icons: Record<string, LucideIcon> = {
  "Order Completed": CreditCard,
  "Order Refunded": Undo2,
  "Product Viewed": Eye,
  "Product Added": ShoppingCart,
  "Message Queued": Mail,
  "Message Sent": Mail,
  "Message Failed": Ban,
  "Message Skipped": Ban,
  "Message Opened": MailOpen,
  "Message Clicked": MousePointerClick,
  Unsubscribed: BellOff,
};

const typeIcons: Record<string, LucideIcon> = {
  identify: UserRoundPen,
  page: Eye,
  screen: Smartphone,
  group: Building2,
  alias: PenLine,
};

export function EventIcon({ event }: { event: CustomerEvent }) {
  const Icon = icons[event.name ?? ""] ?? typeIcons[event.type] ?? Zap;
  return <Icon size={15} strokeWidth={1.9} aria-hidden />;
}

/** Whether the event tells of a message we sent or of what was done with it. */
export function isMessageEvent(event: CustomerEvent): boolean {
  return (
    event.type === "track" &&
    (/^Message (Queued|Sent|Failed|Skipped|Opened|Clicked)$/.test(event.name ?? "") ||
      event.name === "Unsubscribed")
  );
}

function trackSentence(event: CustomerEvent, t: TFunction, format: Format): string {
  const properties = event.properties;
  const product = text(properties["name"]) || text(properties["product_id"]);
  switch (event.name) {
    case "Order Completed":
    case "Order Refunded": {
      const sum = amount(properties, format);
      const count = items(properties);
      const done = event.name === "Order Completed";
      if (count > 0 && sum) {
        return done
          ? t("event.bought_items", { count, amount: sum })
          : t("event.refunded_items", { count, amount: sum });
      }
      if (sum)
        return done ? t("event.bought", { amount: sum }) : t("event.refunded", { amount: sum });
      return event.name;
    }
    case "Product Viewed":
      return product ? t("event.viewed_product", { product }) : event.name;
    case "Product Added":
      return product ? t("event.added_product", { product }) : event.name;
    case "Message Queued":
      return t("event.message_queued");
    case "Message Sent":
      return t("event.message_sent", { address: text(properties["address"]) });
    case "Message Failed":
      return t("event.message_failed", { reason: text(properties["reason"]) || "–" });
    case "Message Skipped":
      return t("event.message_skipped", { reason: text(properties["reason"]) || "–" });
    case "Message Opened":
      return t("event.message_opened");
    case "Message Clicked":
      return t("event.message_clicked", { url: text(properties["url"]) || "–" });
    case "Unsubscribed":
      return t("event.unsubscribed");
    default:
      return event.name || t("event.unnamed");
  }
}

/** The event as a sentence a marketer reads; its own name where we know no better. */
export function useEventSentence(): (event: CustomerEvent) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (event) => {
    switch (event.type) {
      case "track":
        return trackSentence(event, t, format);
      case "identify": {
        const keys = Object.keys(event.traits);
        if (keys.length === 0) return t("event.identified");
        const shown = keys.slice(0, 4);
        if (keys.length > 4) shown.push("…");
        return t("event.traits_set", { traits: shown.join(", ") });
      }
      case "page": {
        const page =
          event.name ||
          text(event.properties["title"]) ||
          text(event.properties["path"]) ||
          text(event.properties["url"]);
        return page ? t("event.viewed_page", { page }) : t("event.viewed_some_page");
      }
      case "screen":
        return t("event.viewed_screen", { screen: event.name || "–" });
      case "group":
        return t("event.joined_group");
      case "alias":
        return t("event.aliased");
      default:
        return event.name || event.type;
    }
  };
}
