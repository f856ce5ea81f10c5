/** How a figure stands to the one before it; `part` is null where nothing can be compared. */
export function change(
  now: number | null,
  before: number | null,
): { direction: "up" | "down" | "flat"; part: number | null } {
  if (now === null || before === null || before === 0) {
    return { direction: "flat", part: now === before ? 0 : null };
  }
  const part = (now - before) / before;
  const direction = Math.abs(part) < 0.0005 ? "flat" : part > 0 ? "up" : "down";
  return { direction, part };
}
