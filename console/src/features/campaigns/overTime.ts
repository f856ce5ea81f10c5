import type { CampaignReport } from "@/api/reports";

type Hour = CampaignReport["hours"][number];
export const shownFigures = [
  "delivered",
  "opened",
  "clicked",
  "unsubscribed",
  "converted",
] as const;
export type Figure = (typeof shownFigures)[number];
export interface Bucket {
  at: string;
  figures: Record<Figure, number>;
}

const hourMs = 3_600_000;
/** Up to so many hours are drawn one by one, more are summed by day. */
const mostHours = 72;

/** The report's hours without gaps, by hour or, when they are many, by the day `dayOf` names. */
export function overTime(hours: Hour[], dayOf: (at: string) => string) {
  const times = hours.map((hour) => Date.parse(hour.hour)).filter(Number.isFinite);
  if (times.length === 0) return { byDay: false, buckets: [] as Bucket[] };
  const first = Math.min(...times);
  const last = Math.max(...times);
  const byDay = (last - first) / hourMs >= mostHours;
  const keyOf = (at: string) => (byDay ? dayOf(at) : String(Date.parse(at)));
  const buckets = new Map<string, Bucket>();
  for (let time = first; time <= last; time += hourMs) {
    const at = new Date(time).toISOString();
    if (!buckets.has(keyOf(at))) {
      buckets.set(keyOf(at), {
        at,
        figures: { delivered: 0, opened: 0, clicked: 0, unsubscribed: 0, converted: 0 },
      });
    }
  }
  for (const hour of hours) {
    const bucket = buckets.get(keyOf(hour.hour));
    if (bucket) for (const figure of shownFigures) bucket.figures[figure] += hour[figure];
  }
  return { byDay, buckets: [...buckets.values()] };
}
