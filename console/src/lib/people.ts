import type { Customer, Json, JsonObject } from "@/api/types";
import { isObject } from "./json";

function text(value: Json | undefined): string {
  return typeof value === "string" ? value.trim() : "";
}

/** The name a person goes by, or "" when no trait tells. */
export function nameFromTraits(traits: JsonObject): string {
  const whole = text(traits["name"]);
  if (whole) return whole;
  const first = text(traits["first_name"]) || text(traits["firstName"]);
  const last = text(traits["last_name"]) || text(traits["lastName"]);
  return [first, last].filter(Boolean).join(" ");
}

export function identifierOf(customer: Customer, kind: string): string {
  return customer.identifiers.find((identifier) => identifier.kind === kind)?.value ?? "";
}

export function emailOf(customer: Customer): string {
  return identifierOf(customer, "email") || text(customer.traits["email"]);
}

/** Name, else e-mail, else user id; "" for somebody still anonymous. */
export function displayName(customer: Customer): string {
  return nameFromTraits(customer.traits) || emailOf(customer) || identifierOf(customer, "user_id");
}

export function countryOf(traits: JsonObject): string {
  const address = traits["address"];
  const nested = isObject(address) ? text(address["country"]) : "";
  return text(traits["country"]) || nested;
}

/** One or two letters for an avatar, by graphemes so that any script works. */
export function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (word: string | undefined) =>
    word ? ([...new Intl.Segmenter().segment(word)][0]?.segment ?? "") : "";
  const head = words[0] ?? "";
  if (/\p{Script=Han}/u.test(head)) return first(head);
  return (first(head) + (words.length > 1 ? first(words[words.length - 1]) : "")).toUpperCase();
}

/** A number from 0 to `steps - 1` that stays the same for the same text. */
export function hueStep(seed: string, steps: number): number {
  let hash = 7;
  for (const character of seed) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return hash % steps;
}
