import { describe, expect, it, vi } from "vitest";

vi.stubGlobal("window", { location: { origin: "http://localhost" }, matchMedia: vi.fn() });

const { createFormat } = await import("./format");

describe("createFormat", () => {
  const en = createFormat("en", "Asia/Kolkata");
  it("shows times of half-hour zones", () => {
    expect(en.time("2026-11-25T03:00:00Z")).toMatch(/8:30/);
    expect(en.dayKey("2026-11-24T18:30:00Z")).toBe("2026-11-25");
  });
  it.each([
    [0, "0 byte"],
    [999, "999 byte"],
    [1_500, "1.5 kB"],
    [2_000_000_000, "2 GB"],
  ])("shows %d bytes", (bytes, text) => expect(en.bytes(bytes)).toBe(text));
  it.each([
    ["en", 24_574.4, "USD", "$24,574"],
    ["en", 1_234_567, "EUR", "€1.2M"],
    ["en", 12, "NOPE", "12 NOPE"],
  ])("shows rough money in %s", (locale, amount, currency, text) =>
    expect(createFormat(locale, "UTC").roughMoney(amount, currency)).toBe(text),
  );
  it("keeps calendar days whatever the zone", () => {
    expect(createFormat("en", "Pacific/Kiritimati").dayOfDate("2026-11-25")).toBe("Nov 25");
  });
});
