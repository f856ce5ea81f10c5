import { Checkbox, Form, Input, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { instantOf, localOf } from "@/lib/zones";
import { faultOf, type StepProps } from "./AudienceStep";
import {
  rhythmOf,
  type Rhythm,
  ruleOf,
  weekdays,
  type When,
  whenOf,
  whens,
  withWhen,
} from "./plan";
import { rhythmText } from "./planSentence";

type Schedule = NonNullable<StepProps["draft"]["schedule"]>;

/** How often, in parts; a rule that says more is edited as it is written. */
function RhythmFields({ rule, set }: { rule: string; set: (rule: string) => void }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const rhythm = rhythmOf(rule);
  const change = (part: Partial<Rhythm>) => rhythm && set(ruleOf({ ...rhythm, ...part }));
  if (!rhythm)
    return (
      <Form.Item label={t("schedule.rule")} htmlFor="campaign-rule" extra={t("schedule.rule_note")}>
        <Input
          id="campaign-rule"
          className="mono"
          value={rule}
          onChange={(event) => set(event.target.value)}
          maxLength={500}
        />
      </Form.Item>
    );
  return (
    <>
      <div className="form-row">
        <Form.Item label={t("schedule.every")} htmlFor="campaign-interval">
          <InputNumber
            id="campaign-interval"
            min={1}
            max={99}
            precision={0}
            value={rhythm.interval}
            onChange={(value) => change({ interval: value ?? 1 })}
          />
        </Form.Item>
        <Form.Item label={t("schedule.unit")} htmlFor="campaign-frequency">
          <Select<Rhythm["freq"]>
            id="campaign-frequency"
            value={rhythm.freq}
            onChange={(freq) => change({ freq, ...(rhythm.days.length === 0 && { days: ["MO"] }) })}
            popupMatchSelectWidth={false}
            options={(["HOURLY", "DAILY", "WEEKLY", "MONTHLY"] as const).map((value) => ({
              value,
              label: t(`frequency.${value}`),
            }))}
          />
        </Form.Item>
        {rhythm.freq === "MONTHLY" && (
          <Form.Item label={t("schedule.month_day")} htmlFor="campaign-month-day">
            <InputNumber
              id="campaign-month-day"
              min={1}
              max={31}
              precision={0}
              value={rhythm.monthDay}
              onChange={(value) => change({ monthDay: value ?? 1 })}
            />
          </Form.Item>
        )}
        {rhythm.freq !== "HOURLY" && (
          <Form.Item label={t("schedule.time")} htmlFor="campaign-time">
            <Input
              id="campaign-time"
              type="time"
              value={rhythm.time}
              onChange={(event) => event.target.value && change({ time: event.target.value })}
            />
          </Form.Item>
        )}
      </div>
      {rhythm.freq === "WEEKLY" && (
        <Form.Item label={t("schedule.days")}>
          <Checkbox.Group
            aria-label={t("schedule.days")}
            value={rhythm.days}
            onChange={(days) => days.length > 0 && change({ days })}
            options={weekdays.map((value, index) => ({
              value,
              label: new Intl.DateTimeFormat(i18n.language, {
                weekday: "short",
                timeZone: "UTC",
              }).format(Date.UTC(2026, 0, 5 + index)),
            }))}
          />
        </Form.Item>
      )}
      <p className="muted gap-below">
        {rhythmText(rule, t, format, i18n.language)} · {format.timeZone}
      </p>
    </>
  );
}

/** When it goes, how fast, and until when. */
export function ScheduleStep({ draft, set, help }: StepProps) {
  const { t } = useTranslation();
  const zone = useFormat().timeZone;
  const when = whenOf(draft);
  const schedule = draft.schedule ?? {};
  const setSchedule = (change: Partial<Schedule>) => {
    const next = { ...schedule, ...change };
    if (!next.ends_at) delete next.ends_at;
    if (!next.starts_at) delete next.starts_at;
    set({ schedule: next });
  };
  const timeField = (
    id: string,
    label: string,
    field: "at" | "starts_at" | "ends_at",
    extra: string,
  ) => (
    <Form.Item label={label} htmlFor={id} extra={extra} {...faultOf(help, `schedule.${field}`)}>
      <Input
        id={id}
        className="field-time"
        type="datetime-local"
        value={localOf(schedule[field], zone)}
        onChange={(event) => setSchedule({ [field]: instantOf(event.target.value, zone) })}
      />
    </Form.Item>
  );
  return (
    <div className="composer-narrow">
      <Form.Item>
        <Radio.Group
          className="choice"
          aria-label={t("step.schedule")}
          value={when}
          onChange={(event) => set(withWhen(draft, event.target.value as When))}
          options={whens.map((value) => ({
            value,
            label: (
              <>
                <strong>{t(`when.${value}`)}</strong>
                <small>{t(`when_note.${value}`)}</small>
              </>
            ),
          }))}
        />
      </Form.Item>
      {when === "at" && timeField("campaign-at", t("schedule.at"), "at", zone)}
      {when === "local" && (
        <div className="form-row">
          <Form.Item
            label={t("schedule.local")}
            htmlFor="campaign-local"
            {...faultOf(help, "schedule.local_time")}
          >
            <Input
              id="campaign-local"
              className="field-time"
              type="datetime-local"
              value={schedule.local_time ?? ""}
              onChange={(event) => setSchedule({ local_time: event.target.value })}
            />
          </Form.Item>
          <Form.Item label={t("schedule.passed")} htmlFor="campaign-passed" className="grow">
            <Select<NonNullable<Schedule["when_passed"]>>
              id="campaign-passed"
              value={schedule.when_passed ?? "send_now"}
              onChange={(value) => setSchedule({ when_passed: value })}
              options={(["send_now", "next_day", "skip"] as const).map((value) => ({
                value,
                label: t(`passed.${value}`),
              }))}
            />
          </Form.Item>
        </div>
      )}
      {when === "recurring" && (
        <>
          <RhythmFields rule={schedule.rule ?? ""} set={(rule) => setSchedule({ rule })} />
          {help("schedule.rule") && (
            <p className="bad-text" role="alert">
              {help("schedule.rule")}
            </p>
          )}
          {timeField("campaign-starts", t("schedule.starts"), "starts_at", t("schedule.optional"))}
        </>
      )}
      {when === "triggered" && (
        <p className="muted gap-below">
          {t("schedule.trigger_note")} <code>POST /api/v1/campaigns/…/trigger</code>
        </p>
      )}
      <div className="form-row">
        <Form.Item
          label={t("schedule.throttle")}
          htmlFor="campaign-throttle"
          extra={t("deliverability.zero_is_no_limit")}
          {...faultOf(help, "throttle_per_minute")}
        >
          <InputNumber
            id="campaign-throttle"
            min={0}
            max={10_000_000}
            precision={0}
            value={draft.throttle_per_minute ?? 0}
            onChange={(value) => set({ throttle_per_minute: value ?? 0 })}
          />
        </Form.Item>
        {timeField("campaign-ends", t("schedule.ends"), "ends_at", t("schedule.ends_note"))}
      </div>
    </div>
  );
}
