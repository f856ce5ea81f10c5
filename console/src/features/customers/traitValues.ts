import type { Json, JsonObject } from "@/api/types";
import { pathSteps } from "@/lib/paths";

/** The value at a path, undefined when it leads nowhere. */
export function traitAt(traits: JsonObject, path: string): Json | undefined {
  let at: Json = traits;
  for (const step of pathSteps(path)) {
    if (at === null || typeof at !== "object") return undefined;
    at = (at as JsonObject)[step];
  }
  return at;
}
