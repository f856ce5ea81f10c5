const root = "rapport.draft.";
const keptForMs = 14 * 24 * 3600 * 1000;
const maxBytes = 1_000_000;

interface Kept {
  at: number;
  values: unknown;
}

export function draftKey(workspace: string, user: string, form: string): string {
  return `${root}${workspace}.${user}.${form}`;
}

/** What was kept under `key`, or null when nothing, too old or unreadable. */
export function readDraft(storage: Pick<Storage, "getItem">, key: string, now: number): unknown {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? "null") as Kept | null;
    return kept && typeof kept.at === "number" && now - kept.at < keptForMs ? kept.values : null;
  } catch {
    return null;
  }
}

export function writeDraft(
  storage: Pick<Storage, "setItem" | "removeItem">,
  key: string,
  values: unknown,
  now: number,
): void {
  try {
    const text = JSON.stringify({ at: now, values } satisfies Kept);
    if (values === null || text.length > maxBytes) storage.removeItem(key);
    else storage.setItem(key, text);
  } catch {
    // Full or forbidden storage: the draft then lives as long as the page.
  }
}

/** Forgets every draft of this browser, as somebody signs out on purpose. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(root)) localStorage.removeItem(key);
    }
  } catch {
    // Forbidden storage holds nothing.
  }
}
