import { expect, test } from "vitest";
import { columnOf, kindOf, valuesOf } from "./identifiers";

test("values are parted and each kept once", () => {
  expect(valuesOf(" a@x.example\n\nb@x.example, a@x.example;c ")).toEqual([
    "a@x.example",
    "b@x.example",
    "c",
  ]);
});

test("the kind of a column is guessed from its values, then its name", () => {
  expect(kindOf("x", ["a@b.example", "c@d.example", "none"])).toBe("email");
  expect(kindOf("x", ["cus_0000000000001"])).toBe("customer_id");
  expect(kindOf("Mobile", ["0901"])).toBe("phone");
  expect(kindOf("x", ["+84 901 234 567"])).toBe("phone");
  expect(kindOf("Name", ["Ánh"])).toBe("user_id");
});

test("the column of addresses goes before the one called id", () => {
  expect(columnOf(["id", "Mail"], [["1", "a@b.example"]])).toBe(1);
  expect(columnOf(["Name", "user id"], [["A", "7"]])).toBe(1);
  expect(columnOf(["Name", "City"], [["A", "Huế"]])).toBe(0);
});
