import { expect, test } from "vitest";
import type { CampaignInput } from "@/api/types";
import { bodyOf, conditionOf, rhythmOf, ruleOf, whenOf, whens, withWhen } from "./plan";

test("the audience as a condition", () => {
  expect(conditionOf({})).toBeNull();
  expect(conditionOf({ segment_id: "seg_1" })).toEqual({ segment: "seg_1" });
  expect(
    conditionOf({
      recipients: { segments: ["seg_1"], lists: ["lst_1"], exclude_segments: ["seg_2"] },
    }),
  ).toEqual({
    all: [{ any: [{ segment: "seg_1" }, { list: "lst_1" }] }, { not: { segment: "seg_2" } }],
  });
});

test("each way of going is recognised again", () => {
  for (const when of whens) expect(whenOf(withWhen({}, when))).toBe(when);
});

test("what a way of going cannot have is dropped", () => {
  const plan = {
    recipients: { segments: ["seg_1"], mode: "evergreen" as const },
    experiment: {
      variants: [{ share: 50 }, { share: 50 }],
      winner: "open" as const,
      test_percent: 20,
    },
  };
  const change = withWhen(plan, "recurring");
  expect(change.recipients?.mode).toBe("frozen");
  expect(change.experiment).toMatchObject({ winner: "none", test_percent: 100 });
});

test.each([
  "FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9;BYMINUTE=0",
  "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15;BYHOUR=18;BYMINUTE=30",
  "FREQ=DAILY;BYHOUR=7;BYMINUTE=5",
  "FREQ=HOURLY;INTERVAL=6;BYMINUTE=0",
])("%s is known to the form", (rule) => {
  const rhythm = rhythmOf(rule);
  expect(rhythm && ruleOf(rhythm)).toBe(rule);
});

test.each(["FREQ=DAILY;COUNT=3", "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9;BYMINUTE=0", "nonsense", ""])(
  "%s is edited as it is written",
  (rule) => expect(rhythmOf(rule)).toBeNull(),
);

test("the API is sent the first segment and nothing that was left empty", () => {
  const draft: CampaignInput = {
    name: "x",
    channel: "email",
    from: "a@x.y",
    template: { subject: "", html: "", text: "" },
    segment_id: "",
    template_id: "",
    topic: "",
    recipients: { segments: ["seg_2"] },
  };
  const body = bodyOf(draft);
  expect(body.segment_id).toBe("seg_2");
  expect("template_id" in body || "topic" in body).toBe(false);
});
