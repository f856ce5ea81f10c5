import { expect, it } from "vitest";
import { backoffMs } from "./backoff";

it.each([
  [0, 0, 375],
  [0, 1, 625],
  [3, 0.5, 4_000],
  [6, 0.5, 30_000],
  [1_000, 1, 37_500],
])("try %d with chance %d waits %d ms", (attempt, chance, ms) =>
  expect(backoffMs(attempt, chance)).toBe(ms),
);
