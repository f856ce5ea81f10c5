import { useQuery } from "@tanstack/react-query";
import { Alert, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { contentApi } from "@/api/content";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { MailFrame } from "@/components/MailFrame";
import { useFormat } from "@/lib/format";
import type { Plan } from "./plan";
import { useReader } from "./reader";

/** A kept template as somebody of the audience reads it, in each of its languages. */
export function TemplatePreview({ id, plan, from }: { id: string; plan: Plan; from: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [language, setLanguage] = useState("");
  const { person } = useReader(plan);
  const template = useQuery({
    queryKey: ["content", "templates", id],
    queryFn: ({ signal }) => contentApi.get("templates", id, signal),
  });
  const preview = useQuery({
    queryKey: ["content", "preview", id, language, person.id],
    queryFn: ({ signal }) =>
      contentApi.preview(
        {
          template_id: id,
          ...(language && { language }),
          ...(person.id && { customer_id: person.id }),
        },
        signal,
      ),
    retry: false,
  });
  const languages = (template.data?.variants ?? []).map((one) => one.language).filter(Boolean);
  return (
    <section className="mail-preview" aria-label={t("composer.preview")}>
      <div className="mail-preview-head">
        <Select<string>
          size="small"
          value={language}
          onChange={setLanguage}
          aria-label={t("composer.language")}
          popupMatchSelectWidth={false}
          options={[
            { value: "", label: t("composer.reader_language") },
            ...languages.map((value) => ({ value, label: format.language(value) })),
          ]}
        />
        <small className="muted">{person.name}</small>
      </div>
      {preview.isPending && <ListBones rows={3} />}
      {preview.isError && <ErrorState error={preview.error} retry={() => void preview.refetch()} />}
      {preview.data?.error && (
        <Alert
          type="error"
          showIcon
          title={t("content.cannot_render")}
          description={preview.data.error.message}
        />
      )}
      {preview.data && !preview.data.error && (
        <>
          <div className="mail-head">
            <strong>{preview.data.subject}</strong>
            <small className="muted">
              {from || t("composer.no_from")}
              {person.email && ` → ${person.email}`}
            </small>
          </div>
          <MailFrame html={preview.data.html} images />
        </>
      )}
    </section>
  );
}
