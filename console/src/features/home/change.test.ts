import { expect, it } from "vitest";
import { change } from "./change";

it.each([
  [12, 10, "up", 0.2],
  [5, 10, "down", -0.5],
  [10, 10, "flat", 0],
  [0, 0, "flat", 0],
  [3, 0, "flat", null],
  [null, 4, "flat", null],
])("%s after %s is %s", (now, before, direction, part) => {
  const found = change(now, before);
  expect(found.direction).toBe(direction);
  if (part === null) expect(found.part).toBeNull();
  else expect(found.part).toBeCloseTo(part);
});
