import type { Json, JsonObject } from "@/api/types";

/** The steps of a path; a dot or backslash that belongs to a name is escaped by a backslash. */
export function pathSteps(path: string): string[] {
  const steps = [""];
  for (let at = 0; at < path.length; at += 1) {
    const character = path[at] ?? "";
    if (character === ".") steps.push("");
    else if (character === "\\" && at + 1 < path.length) {
      at += 1;
      steps[steps.length - 1] += path[at] ?? "";
    } else steps[steps.length - 1] += character;
  }
  return steps;
}

/** The value at a path, undefined when it leads nowhere. */
export function traitAt(traits: JsonObject, path: string): Json | undefined {
  let at: Json = traits;
  for (const step of pathSteps(path)) {
    if (at === null || typeof at !== "object") return undefined;
    at = (at as JsonObject)[step];
  }
  return at;
}
