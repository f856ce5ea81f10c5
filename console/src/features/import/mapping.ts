import type { ImportSample } from "@/api/types";

/** What a column of the file becomes. */
export type Role =
  "ignore" | "user_id" | "email" | "phone" | "timestamp" | "name" | "trait" | "property";

export interface ColumnChoice {
  column: string;
  role: Role;
  /** Of a trait or a property; the column's own name at first. */
  target: string;
  cast: "text" | "number" | "boolean";
}

export interface MappingChoice {
  /** Customers only, or one event a row. */
  kind: "customers" | "events";
  /** Of every row, unless a column holds it. */
  event: string;
  timeFormat: string;
  timeZone: string;
  columns: ColumnChoice[];
}

const known: [RegExp, Role, string?][] = [
  [
    /^(user|customer|client|member)[ _-]?(id|no|number|code)$|^id$|^userid$|^customerid$/i,
    "user_id",
  ],
  [/^e[ _-]?mail([ _-]?address)?$|^邮箱$|^電子郵件$|^电子邮箱$/i, "email"],
  [/^(mobile|phone|tel|telephone)([ _-]?(no|number))?$|^电话$|^電話$|^手机$/i, "phone"],
  [
    /^(timestamp|time|date|datetime|occurred[ _-]?at|order[ _-]?date|invoice[ _-]?date)$/i,
    "timestamp",
  ],
  [/^event([ _-]?name)?$/i, "name"],
  [/^first[ _-]?name$/i, "trait", "first_name"],
  [/^(last|family|sur)[ _-]?name$/i, "trait", "last_name"],
  [/^(full[ _-]?)?name$|^姓名$|^họ tên$/i, "trait", "name"],
  [/^country$|^国家$|^國家$|^quốc gia$/i, "trait", "country"],
  [/^city$|^城市$|^thành phố$/i, "trait", "city"],
];

/** "Order Date" is `order_date`. */
export function targetName(column: string): string {
  return column
    .trim()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase();
}

function castOf(values: string[]): ColumnChoice["cast"] {
  const filled = values.filter((value) => value.trim() !== "");
  if (filled.length === 0) return "text";
  // Leading zeros belong to codes and telephone numbers, not to quantities.
  if (filled.every((value) => /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(value.trim()))) return "number";
  if (filled.every((value) => /^(true|false)$/i.test(value.trim()))) return "boolean";
  return "text";
}

export function timeFormatOf(values: string[]): string {
  const first = values.map((value) => value.trim()).find((value) => value !== "") ?? "";
  if (/^\d{13}$/.test(first)) return "unix_ms";
  if (/^\d{10}$/.test(first)) return "unix";
  const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[ T](\d{1,2}):(\d{2})(:\d{2})?)?$/.exec(first);
  if (!slashed) return "iso";
  // A first number above 12 in any row can only be a day.
  const dayFirst = values.some((value) => Number(/^(\d{1,2})\//.exec(value.trim())?.[1]) > 12);
  const time = slashed[4] ? (slashed[6] ? " %H:%M:%S" : " %H:%M") : "";
  return (dayFirst ? "%d/%m/%Y" : "%m/%d/%Y") + time;
}

/** A first mapping by the columns' names and the values beneath them. */
export function recognise(sample: ImportSample, timeZone: string): MappingChoice {
  const taken = new Set<Role>();
  const columns = sample.columns.map((column, index): ColumnChoice => {
    const values = sample.rows.map((row) => row[index] ?? "");
    const cast = castOf(values);
    const found = known.find(([pattern]) => pattern.test(column.trim()));
    if (found) {
      const [, role, target] = found;
      if (role === "trait")
        return { column, role, target: target ?? targetName(column), cast: "text" };
      if (!taken.has(role)) {
        taken.add(role);
        return { column, role, target: targetName(column), cast: "text" };
      }
    }
    return { column, role: "trait", target: targetName(column), cast };
  });
  const events = taken.has("timestamp") || taken.has("name");
  const time = columns.findIndex((choice) => choice.role === "timestamp");
  return {
    kind: events ? "events" : "customers",
    event: taken.has("name") ? "" : "Order Completed",
    timeFormat: timeFormatOf(time < 0 ? [] : sample.rows.map((row) => row[time] ?? "")),
    timeZone,
    columns: events
      ? columns.map((choice) =>
          choice.role === "trait" && !known.some(([p, r]) => r === "trait" && p.test(choice.column))
            ? { ...choice, role: "property" as const }
            : choice,
        )
      : columns,
  };
}

function value(choice: ColumnChoice): unknown {
  return choice.cast === "text" ? choice.column : { column: choice.column, cast: choice.cast };
}

/** Why the mapping cannot run yet, as a key of the texts; null when it can. */
export function problemOf(choice: MappingChoice): string | null {
  const has = (role: Role) => choice.columns.some((column) => column.role === role);
  if (!has("user_id") && !has("email")) return "import.needs_identifier";
  if (choice.kind === "events" && !has("name") && choice.event.trim() === "")
    return "import.needs_event";
  if (choice.columns.some((c) => ["trait", "property"].includes(c.role) && c.target.trim() === ""))
    return "import.needs_target";
  return null;
}

/** The mapping document of docs/import.md. Without a user id the e-mail address is it. */
export function mappingDocument(
  choice: MappingChoice,
  sample: ImportSample,
  fileName: string,
): Record<string, unknown> {
  const of = (role: Role) => choice.columns.filter((column) => column.role === role);
  const one = (role: Role) => of(role)[0]?.column;
  const email = one("email");
  const phone = one("phone");
  const identifiers = { ...(email && { email }), ...(phone && { phone }) };
  const traits = Object.fromEntries([
    ...of("trait").map((column) => [column.target, value(column)] as const),
    ...(email ? [["email", email] as const] : []),
    ...(phone ? [["phone", phone] as const] : []),
  ]);
  const time = one("timestamp");
  const name = one("name");
  return {
    name: `console:${fileName}`,
    format: sample.format,
    ...(sample.format === "csv" && { csv: { delimiter: sample.delimiter } }),
    time_zone: choice.timeZone,
    user_id: one("user_id") ?? email,
    ...(Object.keys(identifiers).length > 0 && { identifiers }),
    ...(time && { timestamp: { column: time, format: choice.timeFormat } }),
    ...(choice.kind === "events" &&
      (name ? { events: [{ name_column: name }] } : { event: choice.event.trim() })),
    ...(choice.kind === "events" && {
      properties: Object.fromEntries(of("property").map((c) => [c.target, value(c)])),
    }),
    ...(Object.keys(traits).length > 0 && { traits }),
  };
}
