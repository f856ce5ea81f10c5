import type { Json, JsonObject } from "@/api/types";

/** Whether a JSON value is an object, not a list. */
export function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
