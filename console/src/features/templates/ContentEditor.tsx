import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Segmented, Select, Tabs } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError } from "@/api/client";
import { contentApi, type ContentKind, type ContentVariant } from "@/api/content";
import { ListBones } from "@/components/Bones";
import { useErrorText } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { useRested } from "@/lib/address";
import { useDraft } from "@/lib/drafts";
import { useCan } from "@/lib/session";
import { ChecksPane } from "./ChecksPane";
import { type Draft, placeOf, variantOf } from "./kinds";
import { Languages } from "./Languages";
import { compileDraft } from "./mjml";
import { PreviewPane } from "./PreviewPane";
import { UsesPane } from "./UsesPane";
import { VersionsPane } from "./VersionsPane";

const VisualEditor = lazy(() => import("./VisualEditor"));
const CodeEditor = lazy(() => import("./CodeEditor"));

type Mode = "visual" | "code" | "text";

interface Props {
  kind: ContentKind;
  id: string | null;
  initial: Draft;
}

/** Name, languages, subject and body of a template, block or layout, with the result beside it. */
export function ContentEditor({ kind, id, initial }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const mayWrite = useCan("campaigns.write");
  const kept = useDraft<Draft>(`content ${kind} ${id ?? "new"} ${initial.version ?? 0}`);
  const [draft, setDraftState] = useState<Draft>(kept.found ?? initial);
  const [restored, setRestored] = useState(kept.found !== null);
  const [language, setLanguage] = useState("");
  const [mode, setMode] = useState<Mode>(draft.editor === "mjml" ? "visual" : "code");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const shown = useRested(draft, 500);
  const place = placeOf(kind);
  const variant = variantOf(draft, language);

  const layouts = useQuery({
    queryKey: ["content", "layouts", "choice"],
    queryFn: ({ signal }) => contentApi.list("layouts", { limit: 500 }, signal),
    enabled: kind === "templates",
  });

  const set = (change: Partial<Draft>) => {
    setDraftState((before) => {
      const next = { ...before, ...change };
      kept.keep(next);
      return next;
    });
  };
  const setVariant = (change: Partial<ContentVariant>) =>
    setDraftState((before) => {
      const variants = before.variants.map((one) =>
        one.language === variant.language ? { ...one, ...change } : one,
      );
      const next = { ...before, variants };
      kept.keep(next);
      return next;
    });

  const fieldErrors: Record<string, string> =
    error instanceof ApiError
      ? Object.fromEntries(error.fields.map((field) => [field.field, field.message]))
      : {};
  const index = draft.variants.findIndex((one) => one.language === variant.language);
  const item = (field: string) => ({
    help: fieldErrors[field],
    validateStatus: fieldErrors[field] ? ("error" as const) : ("" as const),
  });

  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const { draft: compiled } = await compileDraft(draft);
      const saved = id
        ? await contentApi.update(kind, id, compiled)
        : await contentApi.create(kind, compiled);
      kept.forget();
      client.setQueryData(["content", kind, saved.id], saved);
      void client.invalidateQueries({ queryKey: ["content", kind] });
      void message.success(t("content.saved", { version: saved.version }));
      void navigate(`${place}/${saved.id}`, { replace: id === null });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const remove = () =>
    modal.confirm({
      title: t("content.remove_title", { name: initial.name }),
      okText: t("content.remove"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await contentApi.remove(kind, id ?? "");
          kept.forget();
          void client.invalidateQueries({ queryKey: ["content", kind] });
          void navigate(place);
        } catch (problem) {
          setError(problem);
        }
      },
    });

  const body: Record<Mode, string> = {
    visual: variant.source,
    code: draft.editor === "mjml" ? variant.source : variant.html,
    text: variant.text,
  };
  const modes: Mode[] = draft.editor === "mjml" ? ["visual", "code", "text"] : ["code", "text"];
  const setBody = (value: string) => {
    if (mode === "text") setVariant({ text: value });
    else setVariant(draft.editor === "mjml" ? { source: value } : { html: value });
  };
  return (
    <>
      <PageHead
        back={{ to: place, text: t(`content.kind.${kind}`) }}
        title={id ? initial.name : t(`content.new.${kind}`)}
        actions={
          mayWrite && (
            <>
              {id && <Button onClick={remove}>{t("content.remove")}</Button>}
              <Button type="primary" loading={busy} onClick={() => void save()}>
                {t("content.save")}
              </Button>
            </>
          )
        }
      />
      {restored && (
        <Alert
          type="info"
          className="gap-below"
          title={t("draft.restored")}
          action={
            <Button
              size="small"
              onClick={() => {
                kept.forget();
                setDraftState(initial);
                setRestored(false);
              }}
            >
              {t("draft.discard")}
            </Button>
          }
        />
      )}
      {error !== null && (
        <Alert type="error" showIcon className="gap-below" title={errorText(error)} />
      )}
      <Form layout="vertical" component="div" className="content-head" disabled={!mayWrite}>
        <Form.Item label={t("content.name")} htmlFor="content-name" {...item("name")}>
          <Input
            id="content-name"
            value={draft.name}
            maxLength={200}
            onChange={(event) => set({ name: event.target.value })}
          />
        </Form.Item>
        {kind === "templates" && (
          <Form.Item label={t("content.layout")} htmlFor="content-layout" {...item("layout")}>
            <Select<string>
              id="content-layout"
              value={draft.layout ?? ""}
              onChange={(layout) => set({ layout })}
              options={[
                { value: "", label: t("content.no_layout") },
                ...(layouts.data?.items.map((one) => ({ value: one.name, label: one.name })) ?? []),
              ]}
            />
          </Form.Item>
        )}
        <Form.Item label={t("content.editor")}>
          <Segmented<string>
            aria-label={t("content.editor")}
            value={draft.editor ?? "html"}
            onChange={(editor) => {
              set({ editor });
              setMode(editor === "mjml" ? "visual" : "code");
            }}
            options={[
              { value: "mjml", label: t("content.editor_mjml") },
              { value: "html", label: "HTML" },
            ]}
          />
        </Form.Item>
      </Form>
      <Languages
        draft={draft}
        language={language}
        onLanguage={setLanguage}
        onChange={(variants) => set({ variants })}
      />
      {kind === "templates" && (
        <Form layout="vertical" component="div" disabled={!mayWrite}>
          <Form.Item
            label={t("content.subject")}
            htmlFor="content-subject"
            {...item(`variants[${index}].subject`)}
          >
            <Input
              id="content-subject"
              value={variant.subject}
              onChange={(event) => setVariant({ subject: event.target.value })}
              suffix={<span className="faint">{[...variant.subject].length}</span>}
            />
          </Form.Item>
        </Form>
      )}
      <div className="content-work">
        <section aria-label={t("content.body")}>
          <div className="composer-bar">
            <Segmented<Mode>
              aria-label={t("content.body")}
              value={mode}
              onChange={setMode}
              options={modes.map((one) => ({ value: one, label: t(`content.mode.${one}`) }))}
            />
            <span className="muted">{mode === "text" && t("content.text_note")}</span>
          </div>
          <Suspense fallback={<ListBones />}>
            {mode === "visual" ? (
              <VisualEditor key={language} value={body.visual} onChange={setBody} />
            ) : (
              <CodeEditor
                key={`${language} ${mode}`}
                value={body[mode]}
                onChange={setBody}
                label={t(`content.mode.${mode}`)}
              />
            )}
          </Suspense>
        </section>
        <Tabs
          className="content-tabs"
          destroyOnHidden
          items={[
            ...(kind === "templates"
              ? [
                  {
                    key: "preview",
                    label: t("content.preview"),
                    children: <PreviewPane draft={shown} language={language} />,
                  },
                  {
                    key: "checks",
                    label: t("content.checks"),
                    children: <ChecksPane draft={shown} />,
                  },
                ]
              : []),
            ...(id
              ? [
                  {
                    key: "versions",
                    label: t("content.versions"),
                    children: <VersionsPane kind={kind} id={id} />,
                  },
                  {
                    key: "uses",
                    label: t("content.uses"),
                    children: <UsesPane kind={kind} id={id} />,
                  },
                ]
              : []),
          ]}
        />
      </div>
    </>
  );
}
