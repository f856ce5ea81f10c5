/** Kinds of identifier that have a name of their own here; a list takes any other as well. */
export const knownKinds = [
  "email",
  "user_id",
  "phone",
  "customer_id",
  "anonymous_id",
  "device_token",
] as const;

/** Values of a text, one a line or parted by commas and semicolons; each once. */
export function valuesOf(text: string): string[] {
  const values = text.split(/[\n,;]/).map((value) => value.trim());
  return [...new Set(values.filter(Boolean))];
}

/** What kind of identifier a column most likely holds. */
export function kindOf(column: string, values: string[]): string {
  const given = values.filter(Boolean);
  const mostly = (test: RegExp) =>
    given.length > 0 && given.filter((value) => test.test(value.trim())).length * 2 > given.length;
  if (mostly(/^[^\s@]+@[^\s@]+$/)) return "email";
  if (mostly(/^cus_[0-9a-z]+$/)) return "customer_id";
  if (/phone|mobile|tel|电话|電話|手机|手機|điện thoại/i.test(column)) return "phone";
  if (mostly(/^\+\d[\d ().-]{6,}$/)) return "phone";
  return "user_id";
}

/** The column that most likely tells customers apart. */
export function columnOf(columns: string[], rows: string[][]): number {
  const kinds = columns.map((column, at) =>
    kindOf(
      column,
      rows.map((row) => row[at] ?? ""),
    ),
  );
  const best = ["email", "customer_id"].map((kind) => kinds.indexOf(kind)).find((at) => at >= 0);
  if (best !== undefined) return best;
  const named = columns.findIndex((column) =>
    /(^|[ _-])(id|no|number)$|^id$|^userid$/i.test(column),
  );
  return Math.max(0, named);
}
