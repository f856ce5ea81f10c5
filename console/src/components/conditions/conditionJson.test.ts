import { describe, expect, test } from "vitest";
import { isComplete } from "./complete";
import { type Kind, newDraft, newGroup } from "./condition";
import { toCondition, toDraft, UnknownForm } from "./conditionJson";
import { type Condition, operandOf, operators, takesFolding, takesZone } from "./language";

const where = [{ property: "total", op: "gte" as const, value: 50 }];

/** Every operator with every option it takes. */
const tests: Condition[] = operators.map((op) => {
  const values = {
    none: undefined,
    one: "x",
    list: ["a", 1, true],
    pair: [1, 9],
    length: "36h",
    days: "7d",
    period: "last_month",
  };
  const value = values[operandOf(op)];
  return {
    trait: "address.city",
    op,
    ...(value !== undefined && { value }),
    ...(takesFolding(op) && { case_insensitive: true }),
    ...(takesFolding(op) && op !== "matches" && { accent_insensitive: true }),
    ...(takesZone(op) && { zone: "customer" as const }),
  };
});

const forms: Condition[] = [
  { all: [] },
  { all: [{ any: [{ trait: "a", op: "exists" }] }] },
  {
    not: {
      any: [
        { trait: "a", op: "eq", value: false },
        { trait: "b", op: "eq", value: 0 },
      ],
    },
  },
  { trait: "utm\\.source", op: "eq", value: "x" },
  { event: "Order Completed" },
  { event: "Order Completed", count: { gte: 1 } },
  { event: "Order Completed", count: { gte: 2, lte: 5 }, within: "90d", where },
  { event: "Order Completed", count: { between: [2, 4] }, older_than: "36h" },
  { event: ["A", "B"], between: ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"] },
  { event: { prefix: "Product " }, between_ago: ["30d", "7d"] },
  { event: "A", in_period: "this_week" },
  { event: "A", in_period: "last_quarter", zone: "customer" },
  { event: "A", sum: { property: "total", gte: 1000 }, within: "365d" },
  { event: "A", avg: { property: "total", between: [5, 9] }, distinct: { property: "sku", gt: 2 } },
  { event: "A", min: { property: "x", lt: 1 }, max: { property: "x", gt: 2 }, count: { gte: 3 } },
  { event: "A", first: { within: "30d", where } },
  { event: "A", last: {} },
  { event: "A", within: "7d", not_followed_by: { event: "B", within: "2d" } },
  { event: ["A", "C"], where, not_followed_by: { event: { prefix: "B" }, where, within: "2h" } },
  { sequence: [{ event: "A" }, { event: "B", max_gap: "1d" }], within: "7d" },
  {
    sequence: [
      { event: "A", where },
      { event: "B", without: { event: "X", where } },
    ],
  },
  { message: "opened" },
  { message: "clicked", campaign: "cmp_0000000000001", count: { gte: 2 }, within: "30d" },
  { message: "sent", journey: "j", channel: "email", topic: "news", in_period: "last_month" },
  { segment: "seg_0000000000001" },
  { list: "lst_0000000000001" },
  { topic: "news" },
  { topic: "news", channel: "email", subscribed: false },
  { topic: "news", subscribed: true },
  { location: "home", near: { lat: 10.77, lon: 106.7, km: 5 } },
  { location: "home", inside: [1, 2, 3].map((n) => ({ lat: n, lon: -n })) },
  { bucket: { salt: "spring", from: 0, to: 12.5 } },
];

describe("conditions in the builder", () => {
  for (const condition of [...forms, ...tests]) {
    const json = JSON.stringify(condition);
    test(`round trip: ${json.slice(0, 90)}`, () => {
      const draft = toDraft(condition);
      expect(toCondition(draft)).toEqual(condition);
      expect(isComplete(draft)).toBe(true);
      const deep: Condition = { any: [{ not: condition }, { all: [condition] }] };
      const inner = "not" in condition ? condition.not : { not: condition };
      expect(toCondition(toDraft(deep))).toEqual({ any: [inner, { all: [condition] }] });
    });
  }

  test("what the builder does not know is not bent", () => {
    const unknown = [
      { moon: "full" },
      { trait: "a", op: "resembles", value: 1 },
      { event: "A", speed: 3 },
      { event: "A", count: { about: 3 } },
      { trait: "a", op: "eq", value: 1, weight: 2 },
    ];
    for (const condition of unknown) {
      expect(() => toDraft(condition as unknown as Condition)).toThrow(UnknownForm);
    }
  });

  test("a new node of every kind asks for what is missing", () => {
    const kinds: Kind[] = ["trait", "event", "absence", "sequence", "segment", "list", "topic"];
    for (const kind of kinds) expect(isComplete(newGroup([newDraft(kind)]))).toBe(false);
    for (const kind of ["message", "place", "bucket"] as const) {
      expect(isComplete(newGroup([newDraft(kind)]))).toBe(true);
    }
    expect(isComplete(newGroup([newGroup()]))).toBe(false);
    expect(isComplete(newGroup())).toBe(true);
  });
});
