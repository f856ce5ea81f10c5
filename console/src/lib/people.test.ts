import { describe, expect, it } from "vitest";
import { hueStep, initials, nameFromTraits } from "./people";

describe("initials", () => {
  it.each([
    ["Ada Lovelace", "AL"],
    ["ada@example.com", "AC"],
    ["陳美玲", "陳"],
    ["Nguyễn Thị Ánh", "NÁ"],
    ["محمد علي", "مع"],
    ["👩‍👩‍👧 Zoë", "Z"],
    ["", ""],
    ["x".repeat(300), "X"],
  ])("%s", (name, expected) => expect(initials(name)).toBe(expected));
});

describe("nameFromTraits", () => {
  it.each([
    [{ name: " Ada " }, "Ada"],
    [{ first_name: "Ada", lastName: "Lovelace" }, "Ada Lovelace"],
    [{ name: 7, first_name: null }, ""],
  ])("%o", (traits, expected) => expect(nameFromTraits(traits)).toBe(expected));
});

it("gives the same person the same colour", () => {
  expect(hueStep("cus_1", 6)).toBe(hueStep("cus_1", 6));
  expect(hueStep("cus_1", 6)).toBeLessThan(6);
});
