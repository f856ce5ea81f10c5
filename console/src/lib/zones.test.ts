import { expect, test } from "vitest";
import { dayStart, instantOf, localOf, nextDay } from "./zones";

test.each([
  ["2026-12-24T09:00", "Asia/Ho_Chi_Minh", "2026-12-24T02:00:00.000Z"],
  ["2026-07-01T00:30", "Europe/Berlin", "2026-06-30T22:30:00.000Z"],
  ["2026-12-24T09:00", "Asia/Kolkata", "2026-12-24T03:30:00.000Z"],
  // The morning after clocks went back.
  ["2026-10-25T09:00", "Europe/Berlin", "2026-10-25T08:00:00.000Z"],
])("%s in %s is %s", (local, zone, instant) => {
  expect(instantOf(local, zone)).toBe(instant);
  expect(localOf(instant, zone)).toBe(local);
});

test("what is no time stays empty", () => {
  expect(instantOf("", "UTC")).toBe("");
  expect(localOf(undefined, "UTC")).toBe("");
  expect(nextDay("")).toBe("");
});

test("days begin where the clocks stand", () => {
  expect(dayStart("2026-11-25", "America/New_York")).toBe("2026-11-25T05:00:00.000Z");
  expect(nextDay("2026-12-31")).toBe("2027-01-01");
});
