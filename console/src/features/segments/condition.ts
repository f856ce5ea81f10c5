import type {
  Condition,
  CountOperator,
  EventCondition,
  Operator,
  PropertyCondition,
  TraitCondition,
} from "@/api/types";

/** The condition tree as the builder edits it: every node has a key and a sign of its own. */
export type Draft = GroupDraft | TraitDraft | EventDraft;

interface Node {
  key: number;
  negated: boolean;
}

export type Scalar = string | number | boolean;

export interface GroupDraft extends Node {
  kind: "group";
  op: "all" | "any";
  children: Draft[];
}

export interface TestDraft {
  key: number;
  /** Name of the trait or property; a dot leads into a nested object. */
  path: string;
  op: Operator;
  values: Scalar[];
}

export interface TraitDraft extends Node {
  kind: "trait";
  test: TestDraft;
}

export interface Within {
  amount: number;
  unit: "s" | "m" | "h" | "d" | "w";
}

export interface EventDraft extends Node {
  kind: "event";
  event: string;
  counts: { op: CountOperator; value: number }[];
  within: Within | null;
  where: TestDraft[];
}

let lastKey = 0;
const nextKey = () => ++lastKey;

export const newTest = (): TestDraft => ({ key: nextKey(), path: "", op: "eq", values: [] });
export const newTrait = (): TraitDraft => ({
  key: nextKey(),
  kind: "trait",
  negated: false,
  test: newTest(),
});
export const newEvent = (): EventDraft => ({
  key: nextKey(),
  kind: "event",
  negated: false,
  event: "",
  counts: [{ op: "gte", value: 1 }],
  within: null,
  where: [],
});
export const newGroup = (children: Draft[] = []): GroupDraft => ({
  key: nextKey(),
  kind: "group",
  negated: false,
  op: "all",
  children,
});

export const takesNothing = (op: Operator) => op === "exists" || op === "not_exists";
export const takesList = (op: Operator) => op === "in" || op === "not_in";

function readTest(path: string, given: { op: Operator; value?: Scalar | Scalar[] }): TestDraft {
  const value = given.value;
  return {
    key: nextKey(),
    path,
    op: given.op,
    values: value === undefined ? [] : Array.isArray(value) ? value : [value],
  };
}

function readWithin(text: string): Within | null {
  const match = /^(\d+)([smhdw])$/.exec(text);
  return match ? { amount: Number(match[1]), unit: match[2] as Within["unit"] } : null;
}

function readEvent(given: EventCondition): EventDraft {
  const counts = Object.entries(given.count ?? {}) as [CountOperator, number][];
  return {
    key: nextKey(),
    kind: "event",
    negated: false,
    event: given.event,
    counts:
      counts.length > 0 ? counts.map(([op, value]) => ({ op, value })) : [{ op: "gte", value: 1 }],
    within: given.within ? readWithin(given.within) : null,
    where: (given.where ?? []).map((test) => readTest(test.property, test)),
  };
}

function read(condition: Condition): Draft {
  if ("all" in condition || "any" in condition) {
    const group = newGroup(("all" in condition ? condition.all : condition.any).map(read));
    return { ...group, op: "all" in condition ? "all" : "any" };
  }
  if ("not" in condition) {
    const inner = read(condition.not);
    return { ...inner, negated: !inner.negated };
  }
  if ("event" in condition) return readEvent(condition);
  return {
    key: nextKey(),
    kind: "trait",
    negated: false,
    test: readTest(condition.trait, condition),
  };
}

/** The builder's tree for a stored condition; its root is always a group. */
export function toDraft(condition: Condition): GroupDraft {
  const draft = read(condition);
  return draft.kind === "group" ? draft : newGroup([draft]);
}

function writeValue(test: TestDraft): { op: Operator; value?: Scalar | Scalar[] } {
  if (takesNothing(test.op)) return { op: test.op };
  return { op: test.op, value: takesList(test.op) ? test.values : (test.values[0] ?? "") };
}

function writeEvent(draft: EventDraft): EventCondition {
  const condition: EventCondition = { event: draft.event };
  condition.count = Object.fromEntries(draft.counts.map((count) => [count.op, count.value]));
  if (draft.within) condition.within = `${draft.within.amount}${draft.within.unit}`;
  const where = draft.where.map((test): PropertyCondition => ({
    property: test.path,
    ...writeValue(test),
  }));
  if (where.length > 0) condition.where = where;
  return condition;
}

function writePlain(draft: Draft): Condition {
  if (draft.kind === "event") return writeEvent(draft);
  if (draft.kind === "trait") {
    const condition: TraitCondition = { trait: draft.test.path, ...writeValue(draft.test) };
    return condition;
  }
  const children = draft.children.map(toCondition);
  return draft.op === "all" ? { all: children } : { any: children };
}

/** The condition that the API stores. */
export function toCondition(draft: Draft): Condition {
  const plain = writePlain(draft);
  return draft.negated ? { not: plain } : plain;
}

const testComplete = (test: TestDraft) =>
  test.path.trim() !== "" && (takesNothing(test.op) || test.values.some((value) => value !== ""));

/** Whether nothing is left open: every name and value given, no empty group below the root. */
export function isComplete(draft: Draft, isRoot = true): boolean {
  if (draft.kind === "trait") return testComplete(draft.test);
  if (draft.kind === "event") return draft.event.trim() !== "" && draft.where.every(testComplete);
  if (draft.children.length === 0) return isRoot && draft.op === "all";
  return draft.children.every((child) => isComplete(child, false));
}

/** What was typed, as the literal it most likely means: a number, a boolean, else text. */
export function literal(text: string): Scalar {
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  return text;
}
