import type { TFunction } from "i18next";
import type { Format } from "@/lib/format";
import { type Plan, rhythmOf, weekdays, whenOf } from "./plan";

/** Monday is the fifth of January 2026. */
const dayName = (day: string, language: string) =>
  new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(
    Date.UTC(2026, 0, 5 + weekdays.indexOf(day)),
  );

/** "every week on Monday and Thursday at 9:00". */
export function rhythmText(rule: string, t: TFunction, format: Format, language: string): string {
  const rhythm = rhythmOf(rule);
  if (!rhythm) return t("plan.by_rule", { rule });
  const every = t(`rhythm.${rhythm.freq}`, { count: rhythm.interval });
  const [hour = 0, minute = 0] = rhythm.time.split(":").map(Number);
  const time = new Intl.DateTimeFormat(language, { timeStyle: "short", timeZone: "UTC" }).format(
    Date.UTC(2026, 0, 5, hour, minute),
  );
  if (rhythm.freq === "HOURLY") return every;
  if (rhythm.freq === "DAILY") return t("plan.daily", { every, time });
  if (rhythm.freq === "MONTHLY") return t("plan.monthly", { every, day: rhythm.monthDay, time });
  const days = format.list(rhythm.days.map((day) => dayName(day, language)));
  return t("plan.weekly", { every, days, time });
}

function whenText(plan: Plan, t: TFunction, format: Format, language: string): string {
  const { at, local_time: local, rule } = plan.schedule ?? {};
  const local_at = local ? `${local.slice(0, 16)}:00Z` : "";
  switch (whenOf(plan)) {
    case "now":
      return t("plan.now");
    case "at":
      return at && format.valid(at) ? t("plan.at", { time: format.dateTime(at) }) : "…";
    case "local":
      return format.valid(local_at)
        ? t("plan.local", {
            time: new Intl.DateTimeFormat(language, {
              dateStyle: "medium",
              timeStyle: "short",
              timeZone: "UTC",
            }).format(new Date(local_at)),
          })
        : "…";
    case "recurring":
      return rhythmText(rule ?? "", t, format, language);
    case "triggered":
      return t("plan.triggered");
  }
}

/** What will happen, in plain words: the first sentence says to whom and when. */
export function planSentences(
  plan: Plan,
  count: number | undefined,
  t: TFunction,
  format: Format,
  language: string,
): string[] {
  const triggered = plan.kind === "triggered";
  const who = triggered
    ? t("plan.whoever")
    : plan.resend_of
      ? t("plan.not_opened")
      : t("segments.size", {
          count: count ?? 0,
          number: count === undefined ? "…" : format.number(count),
        });
  const goes = { who, when: whenText(plan, t, format, language) };
  const control = plan.control_percent ?? 0;
  const sentences = [
    control > 0
      ? t("plan.goes_control", { ...goes, percent: format.rate(control, 100) })
      : t("plan.goes", goes),
  ];
  if (plan.recipients?.mode === "evergreen") sentences.push(t("plan.evergreen"));
  const throttle = plan.throttle_per_minute ?? 0;
  if (throttle > 0) sentences.push(t("plan.throttle", { number: format.number(throttle) }));
  const { ends_at: ends } = plan.schedule ?? {};
  if (ends && format.valid(ends)) sentences.push(t("plan.ends", { time: format.dateTime(ends) }));
  const test = plan.experiment;
  if (test) {
    const winner = test.winner ?? "none";
    sentences.push(
      winner === "none"
        ? t("plan.variants", { count: test.variants.length })
        : t("plan.winner", {
            count: test.variants.length,
            percent: format.rate(test.test_percent ?? 100, 100),
            metric: t(`winner.${winner}`),
          }),
    );
  }
  if (plan.goal?.event)
    sentences.push(t("plan.goal", { event: plan.goal.event, count: plan.goal.window_hours ?? 72 }));
  if (plan.class === "transactional") sentences.push(t("plan.transactional"));
  return sentences;
}
