import { Form, Input } from "antd";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CampaignInput, Template } from "@/api/types";
import { useRested } from "@/lib/address";
import { faultOf, type StepProps } from "./AudienceStep";
import { ContentFields, type MessageContent } from "./ContentFields";
import { MailPreview } from "./MailPreview";
import { TemplatePreview } from "./TemplatePreview";
import { blankTemplate, VariantFields, WinnerFields } from "./VariantFields";

export function Warnings({ warnings }: { warnings: string[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul className="warnings">
      {warnings.map((warning) => (
        <li key={warning}>
          <TriangleAlert size={15} aria-hidden />
          {warning}
        </li>
      ))}
    </ul>
  );
}

/** What the message says, or the variant at `index` of it. */
function contentOf(draft: CampaignInput, index: number): MessageContent {
  const variant = draft.experiment?.variants[index];
  const { template, template_id: id } = variant ?? draft;
  return {
    template: { ...blankTemplate, ...(template as Partial<Template> | undefined) },
    ...(id !== undefined && { template_id: id }),
  };
}

/** The draft's message, or one of its variants, as somebody of the audience reads it. */
export function Preview({ draft, variant = 0 }: { draft: CampaignInput; variant?: number }) {
  const { t } = useTranslation();
  const { template, template_id: id } = contentOf(draft, variant);
  if (id === undefined) return <MailPreview template={template} from={draft.from} plan={draft} />;
  if (id === "") return <p className="mail-preview muted">{t("composer.template_needed")}</p>;
  return <TemplatePreview key={id} id={id} from={draft.from} plan={draft} />;
}

/** The message: from whom, subject, body; as a chosen customer reads it, beside. */
export function ContentStep({ draft, set, help, warnings }: StepProps & { warnings: string[] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(0);
  const shown = useRested(draft, 150);
  const variants = draft.experiment?.variants;
  const variant = Math.min(chosen, (variants?.length ?? 1) - 1);
  const setContent = (content: MessageContent) => {
    if (draft.experiment && variants) {
      const next = variants.map((one, index) => {
        if (index !== variant) return one;
        const rest = { ...one };
        delete rest.template_id;
        return { ...rest, ...content };
      });
      set({ experiment: { ...draft.experiment, variants: next } });
    } else {
      set({
        template: content.template,
        template_id: content.template_id as string,
      });
    }
  };
  return (
    <div className="composer">
      <div>
        <Form.Item label={t("campaigns.from")} htmlFor="campaign-from" {...faultOf(help, "from")}>
          <Input
            id="campaign-from"
            value={draft.from}
            onChange={(event) => set({ from: event.target.value })}
            placeholder="Shop <hello@example.com>"
            maxLength={320}
          />
        </Form.Item>
        <ContentFields
          key={`${variant} ${variants?.length ?? 0}`}
          content={contentOf(draft, variant)}
          set={setContent}
          help={help}
          prefix={variants ? `experiment.variants[${variant}].template` : "template"}
        />
        <VariantFields draft={draft} set={set} help={help} shown={variant} show={setChosen} />
        <WinnerFields draft={draft} set={set} help={help} />
        <Warnings warnings={warnings} />
      </div>
      <Preview draft={shown} variant={variant} />
    </div>
  );
}
