import type { TFunction } from "i18next";
import {
  AtSign,
  Ban,
  BellOff,
  Building2,
  Clock,
  CreditCard,
  Eye,
  Hourglass,
  ListPlus,
  ListX,
  LogIn,
  type LucideIcon,
  Mail,
  MailCheck,
  MailOpen,
  MailWarning,
  MailX,
  MailQuestion,
  MousePointerClick,
  PenLine,
  Reply,
  Search,
  Shapes,
  ShieldCheck,
  ShieldX,
  ShoppingCart,
  SlidersHorizontal,
  Smartphone,
  Undo2,
  UserRoundPen,
  UserRoundPlus,
  Zap,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { CustomerEvent, Json, JsonObject } from "@/api/types";
import { type Format, useFormat } from "@/lib/format";
import { permissionSentence, reasonText } from "./permissionSentence";

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
  "Product Removed": ShoppingCart,
  "Checkout Started": CreditCard,
  "Products Searched": Search,
  "Signed Up": UserRoundPlus,
  "Signed In": LogIn,
  "Segment Entered": Shapes,
  "Segment Left": Shapes,
  "List Added": ListPlus,
  "List Removed": ListX,
  "Consent Given": ShieldCheck,
  "Consent Withdrawn": ShieldX,
  "Message Delivered": MailCheck,
  "Message Bounced": MailX,
  "Message Complained": MailWarning,
  "Message Replied": Reply,
  "Message Deferred": Clock,
  "Message Queued": Mail,
  "Message Sent": Mail,
  "Message Failed": Ban,
  "Message Skipped": Ban,
  "Message Opened": MailOpen,
  "Message Clicked": MousePointerClick,
  Unsubscribed: BellOff,
  "Message Held": Hourglass,
  "Consent Requested": MailQuestion,
  "Preferences Changed": SlidersHorizontal,
  "Address Changed": AtSign,
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

const messageEvents = new Set(
  [
    "Queued",
    "Deferred",
    "Sent",
    "Delivered",
    "Failed",
    "Skipped",
    "Bounced",
    "Complained",
    "Opened",
    "Clicked",
    "Replied",
  ].map((step) => `Message ${step}`),
);

/** Whether the event tells of a message we sent or of what was done with it. */
export function isMessageEvent(event: CustomerEvent): boolean {
  return (
    event.type === "track" && (messageEvents.has(event.name ?? "") || event.name === "Unsubscribed")
  );
}

function orderSentence(event: CustomerEvent, t: TFunction, format: Format): string {
  const sum = amount(event.properties, format);
  const count = items(event.properties);
  const done = event.name === "Order Completed";
  if (count > 0 && sum) {
    return done
      ? t("event.bought_items", { count, amount: sum })
      : t("event.refunded_items", { count, amount: sum });
  }
  if (sum) return done ? t("event.bought", { amount: sum }) : t("event.refunded", { amount: sum });
  return event.name ?? "";
}

/** Sentences about a product, a search and the like; "" where the event says too little. */
function shopSentence(event: CustomerEvent, t: TFunction, format: Format): string {
  const properties = event.properties;
  const product = text(properties["name"]) || text(properties["product_id"]);
  const query = text(properties["query"]);
  switch (event.name) {
    case "Order Completed":
    case "Order Refunded":
      return orderSentence(event, t, format);
    case "Product Viewed":
      return product && t("event.viewed_product", { product });
    case "Product Added":
      return product && t("event.added_product", { product });
    case "Product Removed":
      return product && t("event.removed_product", { product });
    case "Checkout Started": {
      const sum = amount(properties, format);
      return sum ? t("event.checkout_amount", { amount: sum }) : t("event.checkout");
    }
    case "Products Searched":
      return query && t("event.searched", { query });
    case "Signed Up":
      return t("event.signed_up");
    case "Signed In":
      return t("event.signed_in");
    default:
      return "";
  }
}

/** Sentences about what the program itself records. */
function ownSentence(event: CustomerEvent, t: TFunction): string {
  const properties = event.properties;
  const reason = text(properties["reason"]) || "–";
  const segment = text(properties["segment_name"]) || text(properties["segment_id"]);
  const list = text(properties["list_name"]) || text(properties["list_id"]);
  const topic = text(properties["topic_name"]) || text(properties["topic"]);
  switch (event.name) {
    case "Message Queued":
      return t("event.message_queued");
    case "Message Deferred":
      return t("event.message_deferred", { reason });
    case "Message Sent":
      return t("event.message_sent", { address: text(properties["address"]) });
    case "Message Delivered":
      return t("event.message_delivered");
    case "Message Failed":
      return t("event.message_failed", { reason });
    case "Message Skipped":
      return t("event.message_skipped", { reason: reasonText(reason, t) });
    case "Message Bounced":
      return t("event.message_bounced", { reason });
    case "Message Complained":
      return t("event.message_complained");
    case "Message Opened":
      return t("event.message_opened");
    case "Message Clicked":
      return t("event.message_clicked", { url: text(properties["url"]) || "–" });
    case "Message Replied":
      return t("event.message_replied");
    case "Unsubscribed":
      return t("event.unsubscribed");
    case "Segment Entered":
      return segment && t("event.segment_entered", { segment });
    case "Segment Left":
      return segment && t("event.segment_left", { segment });
    case "List Added":
      return list && t("event.list_added", { list });
    case "List Removed":
      return list && t("event.list_removed", { list });
    case "Consent Given":
      return topic && t("event.consent_given", { topic });
    case "Consent Withdrawn":
      return topic && t("event.consent_withdrawn", { topic });
    default:
      return "";
  }
}

function trackSentence(event: CustomerEvent, t: TFunction, format: Format): string {
  return (
    shopSentence(event, t, format) ||
    ownSentence(event, t) ||
    permissionSentence(event, t, format) ||
    event.name ||
    t("event.unnamed")
  );
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
