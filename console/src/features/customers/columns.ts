/** Columns of the list of customers by their keys; "trait:plan" and "identifier:phone" are open. */
export const usualColumns = ["trait:country", "events", "first", "last"];
export const plainColumns = [
  "identifier:email",
  "identifier:user_id",
  "identifier:phone",
  "events",
  "first",
  "last",
];
const maxColumns = 12;

const isColumn = (key: string) =>
  key === "events" || key === "first" || key === "last" || /^(trait|identifier):[^,]+$/.test(key);

/** What the address or the kept choice says; null when it says nothing that can be shown. */
export function parseColumns(text: string | null): string[] | null {
  if (text === null) return null;
  const keys = [...new Set(text.split(",").filter(isColumn))];
  return keys.length > 0 ? keys.slice(0, maxColumns) : null;
}

/** The columns of the export that show the same. */
export function exportColumns(keys: string[]): string[] {
  const names: Record<string, string> = {
    events: "event_count",
    first: "first_seen",
    last: "last_seen",
  };
  return ["id", "name", "email", ...keys.map((key) => names[key] ?? key)];
}

const storageKey = (workspace: string, user: string) => `rapport.columns.${workspace}.${user}`;

export function readKeptColumns(workspace: string, user: string): string[] | null {
  try {
    return parseColumns(localStorage.getItem(storageKey(workspace, user)));
  } catch {
    return null;
  }
}

export function keepColumns(workspace: string, user: string, keys: string[]): void {
  try {
    if (keys.join() === usualColumns.join()) localStorage.removeItem(storageKey(workspace, user));
    else localStorage.setItem(storageKey(workspace, user), keys.join(","));
  } catch {
    // Storage may be forbidden: the choice then lives in the address alone.
  }
}
