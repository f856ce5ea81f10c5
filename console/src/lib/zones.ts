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
