import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { NameField } from "@/components/Suggest";
import { faultOf, type StepProps } from "./AudienceStep";
import type { Goal } from "./plan";

type Filter = NonNullable<Goal["where"]>[number];
const operators = ["eq", "ne", "gt", "gte", "lt", "lte", "contains", "exists"] as const;

/** "12.5" is a number, "true" a truth, anything else text. */
function valueOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);

function Filters({
  goal,
  set,
  help,
}: {
  goal: Goal;
  set: (where: Filter[]) => void;
  help: StepProps["help"];
}) {
  const { t } = useTranslation();
  const where = goal.where ?? [];
  const change = (index: number, part: Partial<Filter>) =>
    set(where.map((filter, at) => (at === index ? { ...filter, ...part } : filter)));
  return (
    <>
      {where.map((filter, index) => (
        <div key={index} className="form-row goal-filter">
          <NameField
            of={{ kind: "properties", of: goal.event }}
            value={filter.property}
            onChange={(property) => change(index, { property })}
            label={t("goal.property")}
          />
          <Select<Filter["op"]>
            value={filter.op}
            onChange={(op) => change(index, { op })}
            aria-label={t("builder.operator")}
            popupMatchSelectWidth={false}
            options={operators.map((value) => ({ value, label: t(`goal_op.${value}`) }))}
          />
          {filter.op !== "exists" && (
            <Input
              className="goal-value"
              value={textOf(filter.value)}
              onChange={(event) => change(index, { value: valueOf(event.target.value) })}
              aria-label={t("builder.value")}
              placeholder={t("builder.value")}
              maxLength={500}
            />
          )}
          <Button
            type="text"
            icon={<Trash2 size={15} />}
            aria-label={t("goal.remove_filter", { number: index + 1 })}
            onClick={() => set(where.filter((_, at) => at !== index))}
          />
          {help(`goal.where[${index}]`) && (
            <span className="bad-text">{help(`goal.where[${index}]`)}</span>
          )}
        </div>
      ))}
      <Button
        icon={<Plus size={15} />}
        className="gap-below"
        disabled={where.length >= 10}
        onClick={() => set([...where, { property: "", op: "eq", value: "" }])}
      >
        {t("builder.add_where")}
      </Button>
    </>
  );
}

/** What the campaign is for: the event that counts as success, and within what time. */
export function GoalStep({ draft, set, help }: StepProps) {
  const { t } = useTranslation();
  const goal = draft.goal;
  const setGoal = (change: Partial<Goal>) =>
    set({ goal: { ...(goal ?? { event: "" }), ...change } });
  return (
    <div className="composer-narrow">
      <div className="switch-line">
        <Switch
          checked={goal !== undefined}
          onChange={(on) =>
            set({ goal: on ? { event: "", window_hours: 72 } : (undefined as never) })
          }
          aria-label={t("goal.measure")}
        />
        <span>
          <strong>{t("goal.measure")}</strong>
          <small className="muted">{t("goal.measure_note")}</small>
        </span>
      </div>
      {goal && (
        <>
          <Form.Item label={t("goal.event")} {...faultOf(help, "goal.event")}>
            <NameField
              of={{ kind: "events" }}
              value={goal.event}
              onChange={(event) => setGoal({ event })}
              label={t("goal.event")}
            />
          </Form.Item>
          <Filters goal={goal} set={(where) => setGoal({ where })} help={help} />
          <div className="form-row">
            <Form.Item
              label={t("goal.window")}
              htmlFor="goal-window"
              {...faultOf(help, "goal.window_hours")}
            >
              <InputNumber
                id="goal-window"
                min={1}
                max={2160}
                precision={0}
                value={goal.window_hours ?? 72}
                onChange={(value) => setGoal({ window_hours: value ?? 72 })}
              />
            </Form.Item>
            <Form.Item label={t("goal.value")} extra={t("goal.value_note")} className="grow">
              <NameField
                of={{ kind: "properties", of: goal.event }}
                value={goal.value_property ?? ""}
                onChange={(value_property) => setGoal({ value_property })}
                label={t("goal.value")}
              />
            </Form.Item>
          </div>
        </>
      )}
    </div>
  );
}
