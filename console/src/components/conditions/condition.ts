// The condition tree as the builder edits it: every node has a key and a sign of its own, and every
// field a value, also those that are not written.
import type {
  Aggregate,
  CountOperator,
  MessageFact,
  Operator,
  Point,
  Scalar,
  Zone,
} from "./language";

interface Node {
  key: number;
  negated: boolean;
}

export interface GroupDraft extends Node {
  kind: "group";
  op: "all" | "any";
  children: Draft[];
  /** Set on the root when the stored condition has no group: it is then written without one. */
  bare?: boolean;
}

export interface TestDraft {
  key: number;
  /** Name of the trait or property; a dot leads into a nested object. */
  path: string;
  op: Operator;
  values: Scalar[];
  caseInsensitive: boolean;
  accentInsensitive: boolean;
  zone: Zone;
}

export interface TraitDraft extends Node {
  kind: "trait";
  test: TestDraft;
}

export interface NamesDraft {
  mode: "exact" | "any" | "prefix";
  names: string[];
}

export type WindowDraft =
  | { kind: "ever" }
  | { kind: "within" | "older_than"; length: string }
  | { kind: "between" | "between_ago"; from: string; to: string }
  | { kind: "in_period"; period: string; zone: Zone };

export interface CountDraft {
  op: CountOperator;
  value: number;
  upper: number;
}

export interface FilterDraft {
  names: NamesDraft;
  where: TestDraft[];
}

export interface AggregateDraft {
  fn: Aggregate;
  property: string;
  tests: CountDraft[];
}

export interface OccurrenceDraft {
  which: "first" | "last";
  window: WindowDraft;
  where: TestDraft[];
}

export interface EventDraft extends Node, FilterDraft {
  kind: "event";
  window: WindowDraft;
  /** None: at least once. */
  counts: CountDraft[];
  aggregates: AggregateDraft[];
  occurrence: OccurrenceDraft | null;
}

export interface AbsenceDraft extends Node, FilterDraft {
  kind: "absence";
  window: WindowDraft;
  absent: FilterDraft;
  within: string;
}

export interface StepDraft extends FilterDraft {
  key: number;
  maxGap: string | null;
  without: FilterDraft | null;
}

export interface SequenceDraft extends Node {
  kind: "sequence";
  steps: StepDraft[];
  window: WindowDraft;
}

export interface MessageDraft extends Node {
  kind: "message";
  fact: MessageFact;
  campaign: string;
  journey: string;
  channel: string;
  topic: string;
  counts: CountDraft[];
  window: WindowDraft;
}

export interface MemberDraft extends Node {
  kind: "segment" | "list";
  id: string;
}

export interface TopicDraft extends Node {
  kind: "topic";
  topic: string;
  channel: string;
  subscribed: boolean;
  /** Whether `subscribed` was written; false is always. */
  written: boolean;
}

export interface PlaceDraft extends Node {
  kind: "place";
  location: string;
  near: (Point & { km: number }) | null;
  inside: Point[];
}

export interface BucketDraft extends Node {
  kind: "bucket";
  salt: string;
  from: number;
  to: number;
}

export type Draft =
  | GroupDraft
  | TraitDraft
  | EventDraft
  | AbsenceDraft
  | SequenceDraft
  | MessageDraft
  | MemberDraft
  | TopicDraft
  | PlaceDraft
  | BucketDraft;
export type Kind = Draft["kind"];

let lastKey = 0;
export const nextKey = () => ++lastKey;
const node = () => ({ key: nextKey(), negated: false });

export const newTest = (path = ""): TestDraft => ({
  key: nextKey(),
  path,
  op: "eq",
  values: [],
  caseInsensitive: false,
  accentInsensitive: false,
  zone: "workspace",
});
export const newFilter = (): FilterDraft => ({
  names: { mode: "exact", names: [""] },
  where: [],
});
export const newStep = (): StepDraft => ({
  key: nextKey(),
  ...newFilter(),
  maxGap: null,
  without: null,
});
export const newCount = (): CountDraft => ({ op: "gte", value: 1, upper: 1 });
export const newTrait = (): TraitDraft => ({ ...node(), kind: "trait", test: newTest() });
export const newEvent = (): EventDraft => ({
  ...node(),
  kind: "event",
  ...newFilter(),
  window: { kind: "ever" },
  counts: [],
  aggregates: [],
  occurrence: null,
});
export const newGroup = (children: Draft[] = []): GroupDraft => ({
  ...node(),
  kind: "group",
  op: "all",
  children,
});

/** An empty node of a kind. */
export function newDraft(kind: Kind): Draft {
  switch (kind) {
    case "group":
      return newGroup([newTrait()]);
    case "trait":
      return newTrait();
    case "event":
      return newEvent();
    case "absence":
      return {
        ...node(),
        kind,
        ...newFilter(),
        window: { kind: "within", length: "7d" },
        absent: newFilter(),
        within: "2d",
      };
    case "sequence":
      return { ...node(), kind, steps: [newStep(), newStep()], window: { kind: "ever" } };
    case "message":
      return {
        ...node(),
        kind,
        fact: "opened",
        campaign: "",
        journey: "",
        channel: "",
        topic: "",
        counts: [],
        window: { kind: "within", length: "30d" },
      };
    case "segment":
    case "list":
      return { ...node(), kind, id: "" };
    case "topic":
      return { ...node(), kind, topic: "", channel: "", subscribed: true, written: false };
    case "place":
      return {
        ...node(),
        kind,
        location: "location",
        near: { lat: 0, lon: 0, km: 10 },
        inside: [],
      };
    case "bucket":
      return { ...node(), kind, salt: "sample", from: 0, to: 10 };
  }
}

/** What was typed, as the literal it most likely means: a number, a boolean, else text. */
export function literal(text: string): Scalar {
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  return text;
}

export interface Length {
  amount: number;
  unit: "s" | "m" | "h" | "d" | "w";
}

/** A length of time as the language writes it, "36h"; null when it is none. */
export function readLength(text: string): Length | null {
  const match = /^(\d{1,9})([smhdw])$/.exec(text);
  return match && Number(match[1]) > 0
    ? { amount: Number(match[1]), unit: match[2] as Length["unit"] }
    : null;
}
