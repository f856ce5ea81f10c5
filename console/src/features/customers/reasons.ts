/** Why an identifier belongs to the customer, as far as the reason is one we know. */
export type Reason =
  | { key: "created" }
  | { key: "added" }
  | { key: "added_with"; kinds: string[] }
  | { key: "other"; text: string };

/** Reads the reason that the API gives for a link. */
export function readReason(text: string): Reason {
  if (text === "created") return { key: "created" };
  if (text === "added") return { key: "added" };
  const added = /^added with ([\w.]+(?:, [\w.]+)*)$/.exec(text);
  if (added?.[1]) return { key: "added_with", kinds: added[1].split(", ") };
  return { key: "other", text };
}
