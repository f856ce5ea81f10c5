import { Form, Input, type InputRef, Segmented } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { TriangleAlert } from "lucide-react";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { CampaignInput, Template } from "@/api/types";
import { useRested } from "@/lib/address";
import { InsertTrait } from "./InsertTrait";
import { MailPreview } from "./MailPreview";

interface Props {
  draft: CampaignInput;
  set: (change: Partial<CampaignInput>) => void;
  help: (field: string) => string | undefined;
  warnings: string[];
}

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

/** The message: from whom, subject, body; as a chosen customer reads it, beside. */
export function ContentStep({ draft, set, help, warnings }: Props) {
  const { t } = useTranslation();
  const [part, setPart] = useState<"html" | "text">(
    draft.template.html || !draft.template.text ? "html" : "text",
  );
  const subjectField = useRef<InputRef>(null);
  const bodyField = useRef<TextAreaRef>(null);
  const lastPart = useRef<keyof Template>("html");
  const shown = useRested(draft, 150);
  const setTemplate = (change: Partial<Template>) =>
    set({ template: { ...draft.template, ...change } });
  const item = (field: string) => ({
    help: help(field),
    validateStatus: help(field) ? ("error" as const) : ("" as const),
  });
  const insert = (text: string) => {
    const target = lastPart.current === "subject" ? "subject" : part;
    const element =
      target === "subject"
        ? subjectField.current?.input
        : bodyField.current?.resizableTextArea?.textArea;
    const value = draft.template[target];
    const start = element?.selectionStart ?? value.length;
    const end = element?.selectionEnd ?? value.length;
    // At once: a later focus would take the keys of someone who already types elsewhere.
    flushSync(() => {
      setTemplate({ [target]: value.slice(0, start) + text + value.slice(end) });
    });
    element?.focus();
    element?.setSelectionRange(start + text.length, start + text.length);
  };
  return (
    <div className="composer">
      <div>
        <Form.Item label={t("campaigns.from")} htmlFor="campaign-from" {...item("from")}>
          <Input
            id="campaign-from"
            value={draft.from}
            onChange={(event) => set({ from: event.target.value })}
            placeholder="Shop <hello@example.com>"
            maxLength={320}
          />
        </Form.Item>
        <Form.Item
          label={t("composer.subject")}
          htmlFor="campaign-subject"
          {...item("template.subject")}
        >
          <Input
            id="campaign-subject"
            ref={subjectField}
            value={draft.template.subject}
            onFocus={() => (lastPart.current = "subject")}
            onChange={(event) => setTemplate({ subject: event.target.value })}
            maxLength={1000}
            suffix={<span className="faint">{[...draft.template.subject].length}</span>}
          />
        </Form.Item>
        <Form.Item {...item("template.html")} className="composer-body">
          <div className="composer-bar">
            <Segmented<"html" | "text">
              value={part}
              onChange={setPart}
              options={[
                { value: "html", label: "HTML" },
                { value: "text", label: t("composer.text") },
              ]}
            />
            <InsertTrait onInsert={insert} />
          </div>
          <Input.TextArea
            ref={bodyField}
            className="mono"
            autoSize={{ minRows: 14, maxRows: 32 }}
            value={draft.template[part]}
            onFocus={() => (lastPart.current = part)}
            onChange={(event) => setTemplate({ [part]: event.target.value })}
            spellCheck={part === "text"}
            aria-label={part === "html" ? "HTML" : t("composer.text")}
          />
        </Form.Item>
        <Warnings warnings={warnings} />
      </div>
      <MailPreview template={shown.template} from={shown.from} segmentId={shown.segment_id} />
    </div>
  );
}
