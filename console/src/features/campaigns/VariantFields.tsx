import { Button, Form, Input, InputNumber, Segmented, Select, Switch } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { CampaignInput, Template } from "@/api/types";
import { useFormat } from "@/lib/format";
import { faultOf, type StepProps } from "./AudienceStep";
import type { Experiment, Variant } from "./plan";

const most = 8;
const letter = (index: number) => String.fromCharCode("A".charCodeAt(0) + index);
export const blankTemplate: Template = { subject: "", html: "", text: "" };

/** Whole numbers of percent that add up to a hundred, as even as they can be. */
export function evenShares(variants: Variant[]): Variant[] {
  const share = Math.floor(100 / variants.length);
  return variants.map((variant, index) => ({
    ...variant,
    share: index === 0 ? 100 - share * (variants.length - 1) : share,
  }));
}

/** Several variants from one message: both say what it says, until one is changed. */
export function experimentOf(draft: CampaignInput): Experiment {
  const content = {
    template: draft.template,
    ...(draft.template_id !== undefined && { template_id: draft.template_id }),
  };
  return {
    variants: evenShares([
      { name: "", share: 50, ...content },
      { name: "", share: 50, ...content },
    ]),
    test_percent: 100,
    winner: "none",
    decide: "time",
    after_minutes: 240,
  };
}

/** Whether variants are compared, which of them is being written, and its share. */
export function VariantFields({
  draft,
  set,
  help,
  shown,
  show,
}: StepProps & { shown: number; show: (index: number) => void }) {
  const { t } = useTranslation();
  const test = draft.experiment;
  const variants = test?.variants ?? [];
  const setTest = (change: Partial<Experiment>) =>
    test && set({ experiment: { ...test, ...change } });
  const setVariant = (change: Partial<Variant>) =>
    setTest({
      variants: variants.map((one, index) => (index === shown ? { ...one, ...change } : one)),
    });
  const variant = variants[shown];
  return (
    <>
      <div className="switch-line">
        <Switch
          checked={test !== undefined}
          aria-label={t("experiment.compare")}
          onChange={(on) => {
            show(0);
            const first = variants[0];
            set(
              on
                ? { experiment: experimentOf(draft) }
                : {
                    experiment: undefined as never,
                    ...(first?.template && {
                      template: { ...blankTemplate, ...first.template },
                    }),
                  },
            );
          }}
        />
        <span>
          <strong>{t("experiment.compare")}</strong>
          <small className="muted">{t("experiment.compare_note")}</small>
        </span>
      </div>
      {test && variant && (
        <>
          <div className="composer-bar">
            <Segmented<number>
              value={shown}
              onChange={show}
              aria-label={t("variant.title")}
              options={variants.map((one, index) => ({
                value: index,
                label: one.name || letter(index),
              }))}
            />
            <span>
              <Button
                icon={<Plus size={15} />}
                disabled={variants.length >= most}
                onClick={() => {
                  setTest({ variants: evenShares([...variants, { ...variant, name: "" }]) });
                  show(variants.length);
                }}
              >
                {t("experiment.add")}
              </Button>
              <Button
                type="text"
                icon={<Trash2 size={15} />}
                disabled={variants.length <= 2}
                aria-label={t("experiment.remove", { letter: letter(shown) })}
                onClick={() => {
                  setTest({
                    variants: evenShares(variants.filter((_, index) => index !== shown)),
                  });
                  show(0);
                }}
              />
            </span>
          </div>
          <div className="form-row">
            <Form.Item label={t("experiment.name")} htmlFor="variant-name" className="grow">
              <Input
                id="variant-name"
                value={variant.name ?? ""}
                placeholder={letter(shown)}
                onChange={(event) => setVariant({ name: event.target.value })}
                maxLength={60}
              />
            </Form.Item>
            <Form.Item
              label={t("experiment.share")}
              htmlFor="variant-share"
              {...faultOf(help, "experiment.variants")}
            >
              <InputNumber
                id="variant-share"
                min={1}
                max={99}
                precision={0}
                suffix="%"
                value={variant.share}
                onChange={(share) => setVariant({ share: share ?? 1 })}
              />
            </Form.Item>
          </div>
        </>
      )}
    </>
  );
}

/** How sure the evidence must be; what a program has set otherwise stays among the choices. */
function SureField({ alpha, onChange }: { alpha: number; onChange: (alpha: number) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const offered = [0.1, 0.05, 0.01];
  if (!offered.includes(alpha)) offered.push(alpha);
  return (
    <Form.Item label={t("experiment.sure")} htmlFor="experiment-sure">
      <Select<number>
        id="experiment-sure"
        value={alpha}
        onChange={onChange}
        options={offered.map((value) => ({
          value,
          label: `${format.number(Math.round(1000 - value * 1000) / 10)} %`,
        }))}
      />
    </Form.Item>
  );
}

/** How the better variant is found, and when. */
export function WinnerFields({ draft, set, help }: StepProps) {
  const { t } = useTranslation();
  const test = draft.experiment;
  if (!test || draft.kind === "recurring") return null;
  const change = (part: Partial<Experiment>) => set({ experiment: { ...test, ...part } });
  const winner = test.winner ?? "none";
  return (
    <>
      <Form.Item
        label={t("experiment.winner")}
        htmlFor="experiment-winner"
        {...faultOf(help, "experiment.winner")}
      >
        <Select<NonNullable<typeof test.winner>>
          id="experiment-winner"
          value={winner}
          onChange={(value) =>
            change({
              winner: value,
              ...(value === "none" && { test_percent: 100, decide: "time" as const }),
              ...(winner === "none" && draft.kind !== "triggered" && { test_percent: 20 }),
            })
          }
          options={(["none", "open", "click", "conversion"] as const).map((value) => ({
            value,
            label: value === "none" ? t("experiment.no_winner") : t(`winner.${value}`),
          }))}
        />
      </Form.Item>
      {winner !== "none" && (
        <div className="form-row">
          {draft.kind !== "triggered" && (
            <Form.Item
              label={t("experiment.test_percent")}
              htmlFor="experiment-percent"
              {...faultOf(help, "experiment.test_percent")}
            >
              <InputNumber
                id="experiment-percent"
                min={1}
                max={100}
                precision={0}
                suffix="%"
                value={test.test_percent ?? 100}
                onChange={(value) => change({ test_percent: value ?? 100 })}
              />
            </Form.Item>
          )}
          <Form.Item label={t("experiment.decide")} htmlFor="experiment-decide" className="grow">
            <Select<"time" | "sequential">
              id="experiment-decide"
              value={test.decide ?? "time"}
              onChange={(decide) => change({ decide })}
              options={(["time", "sequential"] as const).map((value) => ({
                value,
                label: t(`decide.${value}`),
              }))}
            />
          </Form.Item>
          {test.decide === "sequential" && (
            <SureField alpha={test.alpha ?? 0.05} onChange={(alpha) => change({ alpha })} />
          )}
          <Form.Item label={t("experiment.after")} htmlFor="experiment-after">
            <InputNumber
              id="experiment-after"
              min={1}
              max={43_200}
              precision={0}
              value={test.after_minutes ?? 240}
              onChange={(value) => change({ after_minutes: value ?? 240 })}
            />
          </Form.Item>
        </div>
      )}
    </>
  );
}
