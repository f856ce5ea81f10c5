import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";

export const workspaceKey = ["workspace"];

export function useWorkspace() {
  return useQuery({
    queryKey: workspaceKey,
    queryFn: ({ signal }) => api.workspace(signal),
    staleTime: 300_000,
  });
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Numbers, times and money in one locale and one time zone. */
const byteUnits = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

export function createFormat(locale: string, timeZone: string) {
  const number = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const dateTime = new Intl.DateTimeFormat(locale, {
    timeZone,
    dateStyle: "medium",
    timeStyle: "short",
  });
  const date = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: "medium" });
  const day = new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  const dayKey = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const time = new Intl.DateTimeFormat(locale, { timeZone, timeStyle: "short" });
  const dayMonth = new Intl.DateTimeFormat(locale, {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
  });
  const preciseTime = new Intl.DateTimeFormat(locale, { timeZone, timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const list = new Intl.ListFormat(locale, { type: "conjunction" });
  const regions = new Intl.DisplayNames(locale, { type: "region" });
  const languages = new Intl.DisplayNames(locale, { type: "language" });
  const at = (text: string) => new Date(text);
  const valid = (text: string | null | undefined): text is string =>
    !!text && !Number.isNaN(Date.parse(text));
  return {
    timeZone,
    number: (value: number) => number.format(value),
    compact: (value: number) =>
      Math.abs(value) < 10_000 ? number.format(value) : compact.format(value),
    /** A part of a whole; null when there is no whole. */
    rate: (part: number, whole: number) => (whole > 0 ? percent.format(part / whole) : null),
    valid,
    dateTime: (text: string) => dateTime.format(at(text)),
    date: (text: string) => date.format(at(text)),
    day: (text: string) => day.format(at(text)),
    dayKey: (text: string) => dayKey.format(at(text)),
    /** A calendar day such as "2026-11-25", whatever the zone. */
    dayOfDate: (date: string) => dayMonth.format(new Date(`${date}T12:00:00Z`)),
    time: (text: string) => time.format(at(text)),
    preciseTime: (text: string) => preciseTime.format(at(text)),
    /** Decimal units, as disks are sold and systems show them. */
    bytes: (value: number) => {
      const step = Math.min(byteUnits.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
      return new Intl.NumberFormat(locale, {
        style: "unit",
        unit: byteUnits[step],
        maximumFractionDigits: 1,
      }).format(value / 1000 ** step);
    },
    /** A length of time, "0.04 sec". */
    seconds: (value: number) =>
      new Intl.NumberFormat(locale, {
        style: "unit",
        unit: "second",
        maximumSignificantDigits: 2,
      }).format(value),
    list: (items: string[]) => list.format(items),
    relative: (text: string, now = Date.now()) => {
      const seconds = Math.round((Date.parse(text) - now) / 1000);
      for (const [unit, size] of units) {
        if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
      }
      return relative.format(Math.abs(seconds) < 5 ? 0 : seconds, "second");
    },
    /** A country by its name when the text is a code of one, else the text. */
    country: (text: string) =>
      /^[A-Za-z]{2}$/.test(text) ? (regions.of(text.toUpperCase()) ?? text) : text,
    /** A language by its name when the text is a tag of one, else the text. */
    language: (text: string) => {
      try {
        return languages.of(text.replace("_", "-")) ?? text;
      } catch {
        return text;
      }
    },
    /** For where there is little room: no minor units, and "$1.2M" of large amounts. */
    roughMoney: (amount: number, currency: string) => {
      const large = Math.abs(amount) >= 100_000;
      try {
        return new Intl.NumberFormat(locale, {
          style: "currency",
          currency,
          maximumFractionDigits: large ? 1 : 0,
          ...(large && { notation: "compact" as const }),
        }).format(amount);
      } catch {
        return `${number.format(Math.round(amount))} ${currency}`.trim();
      }
    },
    money: (amount: number, currency: string) => {
      try {
        return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
      } catch {
        return `${number.format(amount)} ${currency}`.trim();
      }
    },
  };
}

export type Format = ReturnType<typeof createFormat>;

const cache = new Map<string, Format>();

function cachedFormat(locale: string, timeZone: string): Format {
  const key = `${locale} ${timeZone}`;
  let format = cache.get(key);
  if (!format) {
    try {
      format = createFormat(locale, timeZone);
    } catch {
      format = createFormat(locale, "UTC");
    }
    cache.set(key, format);
  }
  return format;
}

/** Formatting in the chosen language and the workspace's time zone. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const timeZone = useWorkspace().data?.time_zone || "UTC";
  return useMemo(() => cachedFormat(i18n.language, timeZone), [i18n.language, timeZone]);
}
