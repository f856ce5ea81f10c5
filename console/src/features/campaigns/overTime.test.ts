import { expect, test } from "vitest";
import type { CampaignReport } from "@/api/reports";
import { overTime } from "./overTime";

type Hour = CampaignReport["hours"][number];
const hour = (at: string, delivered: number) =>
  ({ hour: at, delivered, opened: 1, clicked: 0, unsubscribed: 0, converted: 0 }) as Hour;
const day = (at: string) => at.slice(0, 10);

test("nothing gives nothing", () => {
  expect(overTime([], day).buckets).toEqual([]);
});

test("hours in which nothing happened are shown as nothing", () => {
  const { byDay, buckets } = overTime(
    [hour("2026-11-25T09:00:00Z", 5), hour("2026-11-25T12:00:00Z", 2)],
    day,
  );
  expect(byDay).toBe(false);
  expect(buckets.map((bucket) => bucket.figures.delivered)).toEqual([5, 0, 0, 2]);
});

test("many hours are summed by day", () => {
  const { byDay, buckets } = overTime(
    [
      hour("2026-11-25T09:00:00Z", 5),
      hour("2026-11-25T12:00:00Z", 2),
      hour("2026-11-28T12:00:00Z", 1),
    ],
    day,
  );
  expect(byDay).toBe(true);
  expect(buckets.map((bucket) => bucket.figures.delivered)).toEqual([7, 0, 0, 1]);
  expect(buckets.map((bucket) => bucket.figures.opened)).toEqual([2, 0, 0, 1]);
});
