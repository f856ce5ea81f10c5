import type { CampaignInput, Condition } from "@/api/types";

/** The fields of a campaign that say to whom, when and how; a draft and a campaign have them. */
export type Plan = Pick<
  CampaignInput,
  | "kind"
  | "recipients"
  | "schedule"
  | "throttle_per_minute"
  | "experiment"
  | "control_percent"
  | "goal"
  | "topic"
  | "class"
  | "resend_of"
> & { segment_id?: string };

export type Recipients = NonNullable<CampaignInput["recipients"]>;
export type Experiment = NonNullable<CampaignInput["experiment"]>;
export type Variant = Experiment["variants"][number];
export type Goal = NonNullable<CampaignInput["goal"]>;

/** Who receives it, every part said. */
export function audienceOf(plan: Plan): Required<Recipients> {
  const { segments = [], lists = [], ...given } = plan.recipients ?? {};
  return {
    segments: segments.length > 0 ? segments : plan.segment_id ? [plan.segment_id] : [],
    lists,
    exclude_segments: given.exclude_segments ?? [],
    exclude_lists: given.exclude_lists ?? [],
    mode: given.mode ?? "frozen",
  };
}

const anyOf = (parts: Condition[]): Condition =>
  parts.length === 1 && parts[0] ? parts[0] : { any: parts };

/** The audience as the condition its members meet; null while nobody is chosen. */
export function conditionOf(plan: Plan): Condition | null {
  const audience = audienceOf(plan);
  const named = (segments: string[], lists: string[]) => [
    ...segments.map((segment) => ({ segment }) as Condition),
    ...lists.map((list) => ({ list }) as Condition),
  ];
  const into = named(audience.segments, audience.lists);
  const out = named(audience.exclude_segments, audience.exclude_lists);
  if (into.length === 0) return null;
  return out.length === 0 ? anyOf(into) : { all: [anyOf(into), { not: anyOf(out) }] };
}

/** When it goes, as a person chooses it. */
export type When = "now" | "at" | "local" | "recurring" | "triggered";
export const whens: When[] = ["now", "at", "local", "recurring", "triggered"];

export function whenOf(plan: Plan): When {
  if (plan.kind === "recurring" || plan.kind === "triggered") return plan.kind;
  if (plan.kind !== "scheduled") return "now";
  return plan.schedule?.local_time === undefined ? "at" : "local";
}

/** The fields to change so that it goes that way; what the other ways need is dropped. */
export function withWhen(plan: Plan, when: When): Partial<CampaignInput> {
  const ends = plan.schedule?.ends_at;
  const schedule: NonNullable<CampaignInput["schedule"]> = {
    ...(ends && { ends_at: ends }),
    ...(when === "at" && { at: "" }),
    ...(when === "local" && { local_time: "", when_passed: "send_now" as const }),
    ...(when === "recurring" && { rule: ruleOf(weekly) }),
  };
  const kinds = {
    now: "one_off",
    at: "scheduled",
    local: "scheduled",
    recurring: "recurring",
    triggered: "triggered",
  } as const;
  const change: Partial<CampaignInput> = { kind: kinds[when], schedule };
  const again = when === "recurring" || when === "triggered";
  if (again) change.recipients = { ...audienceOf(plan), mode: "frozen" };
  if (again && plan.experiment)
    change.experiment = {
      ...plan.experiment,
      test_percent: 100,
      ...(when === "recurring" && { winner: "none" as const, decide: "time" as const }),
    };
  return change;
}

/** A rule of repetition in the parts that the form knows. */
export interface Rhythm {
  freq: "HOURLY" | "DAILY" | "WEEKLY" | "MONTHLY";
  interval: number;
  days: string[];
  monthDay: number;
  time: string;
}

export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const weekly: Rhythm = { freq: "WEEKLY", interval: 1, days: ["MO"], monthDay: 1, time: "09:00" };

export function ruleOf(rhythm: Rhythm): string {
  const [hour = 0, minute = 0] = rhythm.time.split(":").map(Number);
  const parts = [`FREQ=${rhythm.freq}`];
  if (rhythm.interval > 1) parts.push(`INTERVAL=${rhythm.interval}`);
  if (rhythm.freq === "WEEKLY")
    parts.push(`BYDAY=${weekdays.filter((day) => rhythm.days.includes(day)).join(",")}`);
  if (rhythm.freq === "MONTHLY") parts.push(`BYMONTHDAY=${rhythm.monthDay}`);
  if (rhythm.freq !== "HOURLY") parts.push(`BYHOUR=${hour}`);
  parts.push(`BYMINUTE=${minute}`);
  return parts.join(";");
}

/** Null when the rule says more than the form does; it is then edited as it is written. */
export function rhythmOf(rule: string): Rhythm | null {
  const parts = new Map(
    rule.split(";").map((part): [string, string] => {
      const [name = "", value = ""] = part.split("=");
      return [name, value];
    }),
  );
  const rhythm: Rhythm = {
    freq: (parts.get("FREQ") ?? "DAILY") as Rhythm["freq"],
    interval: Number(parts.get("INTERVAL") ?? 1),
    days: (parts.get("BYDAY") ?? "").split(",").filter(Boolean),
    monthDay: Number(parts.get("BYMONTHDAY") ?? 1),
    time: [parts.get("BYHOUR") ?? "0", parts.get("BYMINUTE") ?? "0"]
      .map((part) => part.padStart(2, "0"))
      .join(":"),
  };
  return ruleOf(rhythm) === rule ? rhythm : null;
}

/** What the API takes: parts that were begun and left empty are left out. */
export function bodyOf(draft: CampaignInput): CampaignInput {
  const recipients = audienceOf(draft);
  const first = recipients.segments[0];
  const body: Partial<CampaignInput> = { ...draft, recipients };
  if (first) body.segment_id = first;
  else delete body.segment_id;
  if (!body.template_id) delete body.template_id;
  if (!body.topic) delete body.topic;
  return body as CampaignInput;
}
