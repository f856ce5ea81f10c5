import { useMemo } from "react";

/** Every time zone this browser knows, with its offset now; `current` in any case. */
export function useZones(current: string) {
  return useMemo(() => {
    const zones = new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), current]);
    const now = new Date();
    return [...zones].filter(Boolean).map((zone) => {
      let offset = "";
      try {
        const parts = new Intl.DateTimeFormat("en", {
          timeZone: zone,
          timeZoneName: "longOffset",
        }).formatToParts(now);
        offset = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
      } catch {
        // A zone the server knows and this browser does not is still offered by its name.
      }
      return { value: zone, label: offset ? `${zone.replaceAll("_", " ")} (${offset})` : zone };
    });
  }, [current]);
}

/** How far a zone is ahead of UTC at an instant, in milliseconds. */
function offsetAt(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(instant);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(
    of("year"),
    of("month") - 1,
    of("day"),
    of("hour"),
    of("minute"),
    of("second"),
  );
  return wall - Math.floor(instant / 1000) * 1000;
}

/** "2026-12-24T09:00" on the clocks of a zone as an instant; "" when it is no time. */
export function instantOf(local: string, zone: string): string {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return "";
  // Twice: the first guess may lie on the other side of a change of clocks.
  const guess = wall - offsetAt(wall, zone);
  return new Date(wall - offsetAt(guess, zone)).toISOString();
}

/** An instant as it stands on the clocks of a zone, "2026-12-24T09:00"; "" when it is none. */
export function localOf(instant: string | undefined, zone: string): string {
  const at = Date.parse(instant ?? "");
  if (Number.isNaN(at)) return "";
  return new Date(at + offsetAt(at, zone)).toISOString().slice(0, 16);
}

/** The instant a day "2026-12-24" begins in a zone; "" when it is no day. */
export function dayStart(day: string, zone: string): string {
  return instantOf(`${day}T00:00`, zone);
}

export function nextDay(day: string): string {
  const at = Date.parse(`${day}T00:00Z`);
  return Number.isNaN(at) ? "" : new Date(at + 86_400_000).toISOString().slice(0, 10);
}
