import type { JsonObject } from "@/api/types";
import { traitAt } from "./traitValues";

/** The first of these traits that is a text; "" when none is. */
export function traitText(traits: JsonObject, paths: string[]): string {
  for (const path of paths) {
    const value = traitAt(traits, path);
    if (typeof value === "string" && value.trim()) return value.trim();
  }
  return "";
}

/** What a clock in the zone shows, with the day of the week; "" when the zone is unknown. */
export function localTime(zone: string, locale: string, now: number): string {
  if (!zone) return "";
  try {
    return new Intl.DateTimeFormat(locale, {
      timeZone: zone,
      weekday: "short",
      hour: "numeric",
      minute: "2-digit",
    }).format(now);
  } catch {
    return "";
  }
}

/** The address of a picture that may be shown: this page fetches over https only. */
export function pictureOf(traits: JsonObject): string {
  const address = traitText(traits, ["avatar", "picture", "photo_url"]);
  return /^https:\/\/[^\s"'<>]+$/.test(address) ? address : "";
}
