import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { contentApi } from "@/api/content";
import { api } from "@/api/operations";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { useRested } from "@/lib/address";
import { nameFromTraits } from "@/lib/people";
import { type Draft, trialOf } from "./kinds";
import { compileDraft } from "./mjml";

type Width = "desktop" | "phone" | "text";

/** A whole e-mail in a frame that runs no script, shares no origin and follows no link. */
function MessageFrame({ html, phone, title }: { html: string; phone: boolean; title: string }) {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline' https:; font-src https: data:; " +
    "img-src 'self' data: https: http:";
  const head =
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` + '<base target="_blank">';
  return (
    <div className={phone ? "mail-frame is-narrow" : "mail-frame"}>
      <iframe
        title={title}
        sandbox="allow-popups"
        referrerPolicy="no-referrer"
        srcDoc={`<!doctype html>${head}${html}`}
      />
    </div>
  );
}

/** The draft as a chosen customer reads it, rendered by the program itself. */
export function PreviewPane({ draft, language }: { draft: Draft; language: string }) {
  const { t } = useTranslation();
  const [width, setWidth] = useState<Width>("desktop");
  const [customerId, setCustomerId] = useState("");
  const [typed, setTyped] = useState("");
  const words = useRested(typed, 250);
  const people = useQuery({
    queryKey: ["customers", "preview", words],
    queryFn: ({ signal }) => api.customers({ query: words, limit: 20 }, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const preview = useQuery({
    queryKey: ["content", "preview", draft, language, customerId],
    queryFn: async ({ signal }) => {
      const { draft: compiled, problems } = await compileDraft(draft);
      const result = await contentApi.preview(
        {
          template: trialOf(compiled),
          ...(customerId && { customer_id: customerId }),
          ...(language && { language }),
        },
        signal,
      );
      return { ...result, problems };
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
  const problem = preview.data?.error;
  const where =
    problem &&
    (problem.block && `${problem.block}: `) +
      t("content.place", { line: problem.line, column: problem.column });
  return (
    <div className="mail-preview">
      <div className="mail-preview-head">
        <Segmented<Width>
          size="small"
          aria-label={t("content.preview")}
          value={width}
          onChange={setWidth}
          options={(["desktop", "phone", "text"] as const).map((one) => ({
            value: one,
            label: t(`content.width.${one}`),
          }))}
        />
        <Select<string>
          size="small"
          className="content-person"
          allowClear
          showSearch={{ filterOption: false, onSearch: setTyped }}
          placeholder={t("content.preview_as")}
          aria-label={t("content.preview_as")}
          value={customerId || null}
          onChange={(value) => setCustomerId(value ?? "")}
          options={people.data?.items.map((one) => ({
            value: one.id,
            label: nameFromTraits(one.traits) || one.id,
          }))}
        />
      </div>
      {preview.isPending && <ListBones />}
      {preview.isError && <ErrorState error={preview.error} retry={() => void preview.refetch()} />}
      {problem && (
        <Alert
          type="error"
          showIcon
          title={t("content.cannot_render")}
          description={`${where} ${problem.message}`}
        />
      )}
      {preview.data?.problems.map((text) => (
        <Alert key={text} type="warning" title={text} />
      ))}
      {preview.data && !problem && (
        <>
          <strong>{preview.data.subject}</strong>
          {width === "text" ? (
            <pre className="mail-text">{preview.data.text}</pre>
          ) : (
            <MessageFrame
              html={preview.data.html}
              phone={width === "phone"}
              title={t("content.preview")}
            />
          )}
        </>
      )}
    </div>
  );
}
