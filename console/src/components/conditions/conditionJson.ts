// From the stored condition to the builder's tree and back. For every condition `c` that the
// builder shows, `toCondition(toDraft(c))` is `c`, but for two nots in a row.
import {
  type AggregateDraft,
  type CountDraft,
  type Draft,
  type EventDraft,
  type FilterDraft,
  type GroupDraft,
  type NamesDraft,
  newGroup,
  nextKey,
  type OccurrenceDraft,
  type StepDraft,
  type TestDraft,
  type WindowDraft,
} from "./condition";
import {
  type AbsenceForm,
  aggregates,
  type AggregateTests,
  type Condition,
  type CountOperator,
  countOperators,
  type EventForm,
  type EventName,
  type Filter,
  type MessageForm,
  messageFacts,
  type Occurrence,
  operandOf,
  operators,
  type PropertyTest,
  type SequenceForm,
  type StepForm,
  takesFolding,
  takesZone,
  type ValueTest,
  type Windowed,
} from "./language";

/** The condition has a form that the builder does not know; the JSON view still shows it. */
export class UnknownForm extends Error {}

function onlyKeys(given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw new UnknownForm(key);
  }
}

function known<T extends string>(value: T, all: readonly T[]): T {
  if (!all.includes(value)) throw new UnknownForm(String(value));
  return value;
}

const node = () => ({ key: nextKey(), negated: false });
const testKeys = ["op", "value", "case_insensitive", "accent_insensitive", "zone"];
const windowKeys = ["within", "older_than", "between", "between_ago", "in_period", "zone"];

function readTest(path: string, given: ValueTest): TestDraft {
  const value = given.value;
  return {
    key: nextKey(),
    path,
    op: known(given.op, operators),
    values: value === undefined ? [] : Array.isArray(value) ? value : [value],
    caseInsensitive: given.case_insensitive ?? false,
    accentInsensitive: given.accent_insensitive ?? false,
    zone: given.zone ?? "workspace",
  };
}

function readWhere(where: PropertyTest[] | undefined): TestDraft[] {
  return (where ?? []).map((test) => {
    onlyKeys(test, ["property", ...testKeys]);
    return readTest(test.property, test);
  });
}

function readNames(event: EventName): NamesDraft {
  if (typeof event === "string") return { mode: "exact", names: [event] };
  if (Array.isArray(event)) return { mode: "any", names: event };
  onlyKeys(event, ["prefix"]);
  return { mode: "prefix", names: [event.prefix] };
}

function readFilter(given: Filter): FilterDraft {
  return { names: readNames(given.event), where: readWhere(given.where) };
}

function readWindow(given: Windowed): WindowDraft {
  if (given.within !== undefined) return { kind: "within", length: given.within };
  if (given.older_than !== undefined) return { kind: "older_than", length: given.older_than };
  if (given.between) return { kind: "between", from: given.between[0], to: given.between[1] };
  if (given.between_ago)
    return { kind: "between_ago", from: given.between_ago[0], to: given.between_ago[1] };
  if (given.in_period !== undefined)
    return { kind: "in_period", period: given.in_period, zone: given.zone ?? "workspace" };
  return { kind: "ever" };
}

function readCounts(given: object | undefined, except: string[] = []): CountDraft[] {
  return Object.entries(given ?? {})
    .filter(([op]) => !except.includes(op))
    .map(([op, value]) => {
      const [lower, upper] = Array.isArray(value)
        ? (value as [number, number])
        : [Number(value), Number(value)];
      return { op: known(op as CountOperator, countOperators), value: lower, upper };
    });
}

function readOccurrence(which: "first" | "last", given: Occurrence): OccurrenceDraft {
  onlyKeys(given, ["where", ...windowKeys]);
  return { which, window: readWindow(given), where: readWhere(given.where) };
}

function readEvent(given: EventForm): EventDraft {
  onlyKeys(given, ["event", "where", "count", "first", "last", ...windowKeys, ...aggregates]);
  const found = aggregates.flatMap((fn): AggregateDraft[] => {
    const tests = given[fn];
    return tests ? [{ fn, property: tests.property, tests: readCounts(tests, ["property"]) }] : [];
  });
  return {
    ...node(),
    kind: "event",
    ...readFilter(given),
    window: readWindow(given),
    counts: readCounts(given.count),
    aggregates: found,
    occurrence: given.first
      ? readOccurrence("first", given.first)
      : given.last
        ? readOccurrence("last", given.last)
        : null,
  };
}

function readAbsence(given: AbsenceForm): Draft {
  onlyKeys(given, ["event", "where", "not_followed_by", ...windowKeys]);
  return {
    ...node(),
    kind: "absence",
    ...readFilter(given),
    window: readWindow(given),
    absent: readFilter(given.not_followed_by),
    within: given.not_followed_by.within,
  };
}

function readStep(given: StepForm): StepDraft {
  onlyKeys(given, ["event", "where", "max_gap", "without"]);
  return {
    key: nextKey(),
    ...readFilter(given),
    maxGap: given.max_gap ?? null,
    without: given.without ? readFilter(given.without) : null,
  };
}

function readSequence(given: SequenceForm): Draft {
  onlyKeys(given, ["sequence", ...windowKeys]);
  return {
    ...node(),
    kind: "sequence",
    steps: given.sequence.map(readStep),
    window: readWindow(given),
  };
}

function readMessage(given: MessageForm): Draft {
  onlyKeys(given, ["message", "campaign", "journey", "channel", "topic", "count", ...windowKeys]);
  return {
    ...node(),
    kind: "message",
    fact: known(given.message, messageFacts),
    campaign: given.campaign ?? "",
    journey: given.journey ?? "",
    channel: given.channel ?? "",
    topic: given.topic ?? "",
    counts: readCounts(given.count),
    window: readWindow(given),
  };
}

function read(condition: Condition): Draft {
  if ("all" in condition || "any" in condition) {
    onlyKeys(condition, ["all", "any"]);
    const group = newGroup(("all" in condition ? condition.all : condition.any).map(read));
    return { ...group, op: "all" in condition ? "all" : "any" };
  }
  if ("not" in condition) {
    const inner = read(condition.not);
    return { ...inner, negated: !inner.negated };
  }
  if ("trait" in condition) {
    onlyKeys(condition, ["trait", ...testKeys]);
    return { ...node(), kind: "trait", test: readTest(condition.trait, condition) };
  }
  if ("not_followed_by" in condition) return readAbsence(condition);
  if ("event" in condition) return readEvent(condition);
  if ("sequence" in condition) return readSequence(condition);
  if ("message" in condition) return readMessage(condition);
  if ("segment" in condition) return { ...node(), kind: "segment", id: condition.segment };
  if ("list" in condition) return { ...node(), kind: "list", id: condition.list };
  if ("topic" in condition) {
    return {
      ...node(),
      kind: "topic",
      topic: condition.topic,
      channel: condition.channel ?? "",
      subscribed: condition.subscribed ?? true,
      written: condition.subscribed !== undefined,
    };
  }
  if ("location" in condition) {
    return {
      ...node(),
      kind: "place",
      location: condition.location,
      near: "near" in condition ? condition.near : null,
      inside: "inside" in condition ? condition.inside : [],
    };
  }
  if ("bucket" in condition) return { ...node(), kind: "bucket", ...condition.bucket };
  throw new UnknownForm(Object.keys(condition).join());
}

/** The builder's tree for a stored condition; its root is always a group. */
export function toDraft(condition: Condition): GroupDraft {
  const draft = read(condition);
  return draft.kind === "group" ? draft : { ...newGroup([draft]), bare: true };
}

function writeTest(test: TestDraft): ValueTest {
  const operand = operandOf(test.op);
  const written: ValueTest = { op: test.op };
  if (operand === "list" || operand === "pair") written.value = test.values;
  else if (operand !== "none") written.value = test.values[0] ?? "";
  if (takesFolding(test.op)) {
    if (test.caseInsensitive) written.case_insensitive = true;
    if (test.accentInsensitive && test.op !== "matches") written.accent_insensitive = true;
  }
  if (takesZone(test.op) && test.zone === "customer") written.zone = "customer";
  return written;
}

function writeWhere(where: TestDraft[]): { where?: PropertyTest[] } {
  return where.length > 0
    ? { where: where.map((test) => ({ property: test.path, ...writeTest(test) })) }
    : {};
}

function writeNames({ mode, names }: NamesDraft): EventName {
  if (mode === "any") return names;
  return mode === "prefix" ? { prefix: names[0] ?? "" } : (names[0] ?? "");
}

const writeFilter = (filter: FilterDraft): Filter => ({
  event: writeNames(filter.names),
  ...writeWhere(filter.where),
});

function writeWindow(window: WindowDraft): Windowed {
  switch (window.kind) {
    case "ever":
      return {};
    case "within":
      return { within: window.length };
    case "older_than":
      return { older_than: window.length };
    case "between":
      return { between: [window.from, window.to] };
    case "between_ago":
      return { between_ago: [window.from, window.to] };
    case "in_period":
      return {
        in_period: window.period,
        ...(window.zone === "customer" && { zone: "customer" as const }),
      };
  }
}

function writeTests(counts: CountDraft[]): Record<string, number | [number, number]> {
  return Object.fromEntries(
    counts.map(({ op, value, upper }) => [
      op,
      op === "between" ? ([value, upper] as [number, number]) : value,
    ]),
  );
}

const writeCounts = (counts: CountDraft[]) =>
  counts.length > 0 ? { count: writeTests(counts) } : {};

function writeEvent(draft: EventDraft): EventForm {
  const computed = draft.aggregates.map((aggregate): [string, AggregateTests] => [
    aggregate.fn,
    { property: aggregate.property, ...writeTests(aggregate.tests) },
  ]);
  const occurrence = draft.occurrence;
  return {
    event: writeNames(draft.names),
    ...writeCounts(draft.counts),
    ...writeWindow(draft.window),
    ...writeWhere(draft.where),
    ...Object.fromEntries(computed),
    ...(occurrence && {
      [occurrence.which]: { ...writeWindow(occurrence.window), ...writeWhere(occurrence.where) },
    }),
  };
}

function writeStep(step: StepDraft, first: boolean): StepForm {
  return {
    ...writeFilter(step),
    ...(!first && step.maxGap !== null && { max_gap: step.maxGap }),
    ...(!first && step.without && { without: writeFilter(step.without) }),
  };
}

const given = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ""));

function writePlain(draft: Draft): Condition {
  switch (draft.kind) {
    case "group": {
      const children = draft.children.map(toCondition);
      if (draft.bare && !draft.negated && draft.op === "all" && children[0] && !children[1])
        return children[0];
      return draft.op === "all" ? { all: children } : { any: children };
    }
    case "trait":
      return { trait: draft.test.path, ...writeTest(draft.test) };
    case "event":
      return writeEvent(draft);
    case "absence":
      return {
        ...writeFilter(draft),
        ...writeWindow(draft.window),
        not_followed_by: { ...writeFilter(draft.absent), within: draft.within },
      };
    case "sequence":
      return {
        sequence: draft.steps.map((step, index) => writeStep(step, index === 0)),
        ...writeWindow(draft.window),
      };
    case "message": {
      const { fact, campaign, journey, channel, topic } = draft;
      return {
        message: fact,
        ...given({ campaign, journey, channel, topic }),
        ...writeCounts(draft.counts),
        ...writeWindow(draft.window),
      };
    }
    case "segment":
      return { segment: draft.id };
    case "list":
      return { list: draft.id };
    case "topic":
      return {
        topic: draft.topic,
        ...given({ channel: draft.channel }),
        ...((draft.written || !draft.subscribed) && { subscribed: draft.subscribed }),
      };
    case "place":
      return draft.near
        ? { location: draft.location, near: draft.near }
        : { location: draft.location, inside: draft.inside };
    case "bucket":
      return { bucket: { salt: draft.salt, from: draft.from, to: draft.to } };
  }
}

/** The condition that the API stores. */
export function toCondition(draft: Draft): Condition {
  const plain = writePlain(draft);
  return draft.negated ? { not: plain } : plain;
}
