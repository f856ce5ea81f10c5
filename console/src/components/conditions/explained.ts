import type { Condition } from "./language";

/** The condition at a JSON pointer, null when the pointer leads to no condition. */
export function conditionAt(root: Condition, pointer: string): Condition | null {
  let at: unknown = root;
  for (const step of pointer.split("/").slice(1)) {
    if (at === null || typeof at !== "object") return null;
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    at = (at as Record<string, unknown>)[name];
  }
  return at !== null && typeof at === "object" && !Array.isArray(at) ? (at as Condition) : null;
}

/** How deep a pointer leads into groups, for the indent. */
export const depthOf = (pointer: string) =>
  pointer.split("/").filter((step) => /^\d+$/.test(step) || step === "not").length;

/** Whether a node is a group: what it says follows from its children. */
export const isGroup = (condition: Condition) =>
  "all" in condition || "any" in condition || "not" in condition;
