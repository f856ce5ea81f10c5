// The condition tree as it is written in JSON, the whole language of it. docs/segments.md tells
// what each form means; the server checks every condition again.

export type Scalar = string | number | boolean;

export const operators = [
  "eq",
  "ne",
  "in",
  "not_in",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "matches",
  "gt",
  "gte",
  "lt",
  "lte",
  "between",
  "exists",
  "not_exists",
  "includes",
  "includes_any",
  "includes_all",
  "before",
  "after",
  "within_last",
  "not_within_last",
  "within_next",
  "anniversary_within_next",
  "anniversary_within_last",
  "in_period",
] as const;
export type Operator = (typeof operators)[number];

export const countOperators = ["gte", "lte", "eq", "gt", "lt", "ne", "between"] as const;
export type CountOperator = (typeof countOperators)[number];

export const aggregates = ["sum", "avg", "min", "max", "distinct"] as const;
export type Aggregate = (typeof aggregates)[number];

export const messageFacts = [
  "sent",
  "delivered",
  "opened",
  "clicked",
  "converted",
  "bounced",
] as const;
export type MessageFact = (typeof messageFacts)[number];

export const periods = ["this", "last", "next"].flatMap((which) =>
  ["day", "week", "month", "quarter", "year"].map((unit) => `${which}_${unit}`),
);

export type Zone = "workspace" | "customer";
type CountTests = Partial<Record<CountOperator, number | [number, number]>>;

export interface ValueTest {
  op: Operator;
  value?: Scalar | Scalar[];
  case_insensitive?: boolean;
  accent_insensitive?: boolean;
  zone?: Zone;
}

export interface Windowed {
  within?: string;
  older_than?: string;
  between?: [string, string];
  between_ago?: [string, string];
  in_period?: string;
  zone?: Zone;
}

export type EventName = string | string[] | { prefix: string };
export type PropertyTest = { property: string } & ValueTest;
export interface Filter {
  event: EventName;
  where?: PropertyTest[];
}
export type AggregateTests = { property: string } & CountTests;
export type Occurrence = Windowed & { where?: PropertyTest[] };
export type EventForm = Filter &
  Windowed &
  Partial<Record<Aggregate, AggregateTests>> & {
    count?: CountTests;
    first?: Occurrence;
    last?: Occurrence;
  };
export type AbsenceForm = Filter & Windowed & { not_followed_by: Filter & { within: string } };
export type StepForm = Filter & { max_gap?: string; without?: Filter };
export type SequenceForm = Windowed & { sequence: StepForm[] };
export type MessageForm = Windowed & {
  message: MessageFact;
  campaign?: string;
  journey?: string;
  channel?: string;
  topic?: string;
  count?: CountTests;
};
export interface Point {
  lat: number;
  lon: number;
}
export type PlaceForm = { location: string } & (
  { near: Point & { km: number } } | { inside: Point[] }
);

export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | ({ trait: string } & ValueTest)
  | EventForm
  | AbsenceForm
  | SequenceForm
  | MessageForm
  | { segment: string }
  | { list: string }
  | { topic: string; channel?: string; subscribed?: boolean }
  | PlaceForm
  | { bucket: { salt: string; from: number; to: number } };

export type Operand = "none" | "one" | "list" | "pair" | "length" | "days" | "period";

/** What stands beside an operator. */
export function operandOf(op: Operator): Operand {
  switch (op) {
    case "exists":
    case "not_exists":
      return "none";
    case "in":
    case "not_in":
    case "includes_any":
    case "includes_all":
      return "list";
    case "between":
      return "pair";
    case "within_last":
    case "not_within_last":
    case "within_next":
      return "length";
    case "anniversary_within_next":
    case "anniversary_within_last":
      return "days";
    case "in_period":
      return "period";
    default:
      return "one";
  }
}

/** Whether upper and lower case, or accents, may be told not to matter. */
export function takesFolding(op: Operator): boolean {
  const operand = operandOf(op);
  if (operand === "list") return true;
  return [
    "eq",
    "ne",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "includes",
  ].includes(op);
}

export const takesZone = (op: Operator) => ["days", "period"].includes(operandOf(op));
