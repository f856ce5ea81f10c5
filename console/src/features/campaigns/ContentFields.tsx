import { useQuery } from "@tanstack/react-query";
import { Form, Input, type InputRef, Segmented, Select } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { contentApi } from "@/api/content";
import type { Template } from "@/api/types";
import { faultOf } from "./AudienceStep";
import { InsertTrait } from "./InsertTrait";

/** What one message, or one variant of it, says: written here, or a kept template. */
export interface MessageContent {
  template: Template;
  /** Absent: written here. Empty: a template is still to be chosen. */
  template_id?: string;
}

/** A choice among the kept templates. */
function TemplateChoice({ id, set }: { id: string; set: (id: string) => void }) {
  const { t } = useTranslation();
  const templates = useQuery({
    queryKey: ["content", "templates", "choice"],
    queryFn: ({ signal }) => contentApi.list("templates", { limit: 200 }, signal),
  });
  return (
    <>
      <Select<string>
        id="campaign-template"
        value={id || null}
        onChange={set}
        loading={templates.isPending}
        showSearch={{ optionFilterProp: "label" }}
        placeholder={t("composer.choose_template")}
        options={templates.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []}
        notFoundContent={t("composer.no_templates")}
      />
      {id && (
        <p className="gap-above">
          <Link to={`/templates/${id}`}>{t("composer.open_template")}</Link>
        </p>
      )}
    </>
  );
}

/** Subject and body, with personalisation put where one last typed. */
function OwnContent({
  template,
  set,
  help,
  prefix,
}: {
  template: Template;
  set: (template: Template) => void;
  help: (field: string) => string | undefined;
  prefix: string;
}) {
  const { t } = useTranslation();
  const [part, setPart] = useState<"html" | "text">(
    template.html || !template.text ? "html" : "text",
  );
  const subjectField = useRef<InputRef>(null);
  const bodyField = useRef<TextAreaRef>(null);
  const lastPart = useRef<keyof Template>("html");
  const change = (change: Partial<Template>) => set({ ...template, ...change });
  const insert = (text: string) => {
    const target = lastPart.current === "subject" ? "subject" : part;
    const element =
      target === "subject"
        ? subjectField.current?.input
        : bodyField.current?.resizableTextArea?.textArea;
    const value = template[target];
    const start = element?.selectionStart ?? value.length;
    const end = element?.selectionEnd ?? value.length;
    // At once: a later focus would take the keys of someone who already types elsewhere.
    flushSync(() => {
      change({ [target]: value.slice(0, start) + text + value.slice(end) });
    });
    element?.focus();
    element?.setSelectionRange(start + text.length, start + text.length);
  };
  return (
    <>
      <Form.Item
        label={t("composer.subject")}
        htmlFor="campaign-subject"
        {...faultOf(help, `${prefix}.subject`)}
      >
        <Input
          id="campaign-subject"
          ref={subjectField}
          value={template.subject}
          onFocus={() => (lastPart.current = "subject")}
          onChange={(event) => change({ subject: event.target.value })}
          maxLength={1000}
          suffix={<span className="faint">{[...template.subject].length}</span>}
        />
      </Form.Item>
      <Form.Item {...faultOf(help, `${prefix}.html`)} className="composer-body">
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
          value={template[part]}
          onFocus={() => (lastPart.current = part)}
          onChange={(event) => change({ [part]: event.target.value })}
          spellCheck={part === "text"}
          aria-label={part === "html" ? "HTML" : t("composer.text")}
        />
      </Form.Item>
    </>
  );
}

export function ContentFields({
  content,
  set,
  help,
  prefix,
}: {
  content: MessageContent;
  set: (content: MessageContent) => void;
  help: (field: string) => string | undefined;
  /** Of the fields' names: "template", or that of a variant. */
  prefix: string;
}) {
  const { t } = useTranslation();
  const kept = content.template_id !== undefined;
  return (
    <>
      <Segmented<string>
        className="gap-below"
        value={kept ? "kept" : "own"}
        aria-label={t("composer.source")}
        onChange={(value) =>
          set({ template: content.template, ...(value === "kept" && { template_id: "" }) })
        }
        options={[
          { value: "own", label: t("composer.write_here") },
          { value: "kept", label: t("composer.kept_template") },
        ]}
      />
      {kept ? (
        <Form.Item
          label={t("composer.template")}
          htmlFor="campaign-template"
          {...faultOf(help, prefix === "template" ? "template_id" : `${prefix}_id`)}
        >
          <TemplateChoice
            id={content.template_id ?? ""}
            set={(template_id) => set({ ...content, template_id })}
          />
        </Form.Item>
      ) : (
        <OwnContent
          template={content.template}
          set={(template) => set({ ...content, template })}
          help={help}
          prefix={prefix}
        />
      )}
    </>
  );
}
