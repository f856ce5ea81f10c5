import { describe, expect, test } from "vitest";
import { plotOf, readCorners, writeCorners } from "./corners";

const corners = [
  { lat: 10.7, lon: 106.6 },
  { lat: 10.7, lon: 106.8 },
  { lat: -1, lon: -0.5 },
];

describe("corners of an area", () => {
  test("are read as they are written", () => {
    expect(readCorners(writeCorners(corners))).toEqual({ corners, faulty: 0 });
    expect(readCorners("1;2\n\n 3 4 ").corners).toEqual([
      { lat: 1, lon: 2 },
      { lat: 3, lon: 4 },
    ]);
  });

  test("the first line that is none is told", () => {
    expect(readCorners("1,2\nhere\n3,4").faulty).toBe(2);
    expect(readCorners("91,2").faulty).toBe(1);
    expect(readCorners("1,181").faulty).toBe(1);
    expect(readCorners("1,2,3").faulty).toBe(1);
  });

  test("are drawn north up inside the box, also across the date line", () => {
    const [south, north, east] = plotOf(
      [
        { lat: -10, lon: 179 },
        { lat: 10, lon: 179 },
        { lat: 0, lon: -179 },
      ],
      100,
      100,
    );
    expect(south?.y).toBe(92);
    expect(north?.y).toBe(8);
    expect(east?.x).toBeGreaterThan(north?.x ?? 0);
    expect(east?.x).toBeLessThan(92);
    expect(plotOf([{ lat: 1, lon: 1 }], 100, 100)).toEqual([{ x: 50, y: 50 }]);
  });
});
