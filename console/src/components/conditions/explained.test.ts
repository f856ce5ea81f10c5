import { expect, test } from "vitest";
import { conditionAt, depthOf, isGroup } from "./explained";
import type { Condition } from "./language";

const root: Condition = {
  all: [{ trait: "country", op: "eq", value: "VN" }, { not: { any: [{ event: "A" }] } }],
};

test("pointers lead to conditions", () => {
  expect(conditionAt(root, "")).toBe(root);
  expect(conditionAt(root, "/all/0")).toEqual({ trait: "country", op: "eq", value: "VN" });
  expect(conditionAt(root, "/all/1/not/any/0")).toEqual({ event: "A" });
  expect(conditionAt(root, "/all")).toBeNull();
  expect(conditionAt(root, "/all/7/x")).toBeNull();
});

test("groups and depth", () => {
  expect(depthOf("")).toBe(0);
  expect(depthOf("/all/1/not/any/0")).toBe(3);
  expect(isGroup(root)).toBe(true);
  expect(isGroup({ event: "A" })).toBe(false);
});
