/** A moment of the address as RFC 3339, or the one that stands when there is none. */
export function momentOr(text: string, otherwise: number): string {
  const at = Date.parse(text);
  return new Date(Number.isNaN(at) ? otherwise : at).toISOString();
}

/** As a field for date and time takes it, in the browser's own zone. */
export function fieldOf(moment: string): string {
  const at = new Date(moment);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
