import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { api } from "@/api/operations";
import type { Condition as ApiCondition, Segment } from "@/api/types";
import { PageBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { StateNote } from "@/components/StateNote";
import { useCan } from "@/lib/session";
import { GroupFields } from "./Builder";
import { isComplete } from "@/components/conditions/complete";
import { type GroupDraft, newGroup, newTrait } from "@/components/conditions/condition";
import { toCondition, toDraft } from "@/components/conditions/conditionJson";
import type { Condition } from "@/components/conditions/language";
import { Preview } from "./Preview";

type View = "builder" | "json";

function parse(text: string): Condition | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as Condition)
      : null;
  } catch {
    return null;
  }
}

/** A condition that the builder does not know opens as JSON, so that nothing of it is lost. */
function startOf(segment: Segment | null): { draft: GroupDraft; view: View; json: string } {
  if (!segment) return { draft: newGroup([newTrait()]), view: "builder", json: "" };
  const json = JSON.stringify(segment.condition, null, 2);
  try {
    return { draft: toDraft(segment.condition as Condition), view: "builder", json };
  } catch {
    return { draft: newGroup(), view: "json", json };
  }
}

function Editor({ segment }: { segment: Segment | null }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [name, setName] = useState(segment?.name ?? "");
  const [start] = useState(() => startOf(segment));
  const [draft, setDraft] = useState(start.draft);
  const [view, setView] = useState<View>(start.view);
  const [json, setJson] = useState(start.json);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const typed = view === "json" ? parse(json) : null;
  const condition = view === "json" ? typed : isComplete(draft) ? toCondition(draft) : null;

  const show = (next: View) => {
    if (next === "json") setJson(JSON.stringify(toCondition(draft), null, 2));
    else if (typed) {
      try {
        setDraft(toDraft(typed));
      } catch {
        void message.error(t("segments.json_unknown"));
        return;
      }
    } else {
      void message.error(t("segments.json_invalid"));
      return;
    }
    setView(next);
  };

  const save = async () => {
    setTried(true);
    if (!name.trim() || !condition) return;
    setBusy(true);
    setError(null);
    try {
      const body = { name: name.trim(), condition: condition as ApiCondition };
      const saved = segment
        ? await api.updateSegment(segment.id, body)
        : await api.createSegment(body);
      await client.invalidateQueries({ queryKey: ["segments"] });
      client.removeQueries({ queryKey: ["segment", saved.id] });
      client.removeQueries({ queryKey: ["segment-members", saved.id] });
      void message.success(t("segments.saved"));
      void navigate(`/segments/${saved.id}`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <PageHead
        back={
          segment
            ? { to: `/segments/${segment.id}`, text: segment.name }
            : { to: "/segments", text: t("nav.segments") }
        }
        title={segment ? t("segments.edit") : t("segments.new")}
      />
      <div className="segment-edit">
        <div>
          <Form layout="vertical" component="div">
            <Form.Item
              label={t("segments.name")}
              htmlFor="segment-name"
              validateStatus={tried && !name.trim() ? "error" : ""}
              help={tried && !name.trim() ? t("segments.name_needed") : undefined}
            >
              <Input
                id="segment-name"
                value={name}
                onChange={(event) => setName(event.target.value)}
                placeholder={t("segments.name_example")}
                maxLength={200}
                autoFocus={!segment}
              />
            </Form.Item>
          </Form>
          <div className="builder-head">
            <h2>{t("segments.condition")}</h2>
            <Segmented<View>
              size="small"
              value={view}
              onChange={show}
              options={[
                { value: "builder", label: t("segments.builder") },
                { value: "json", label: "JSON" },
              ]}
            />
          </div>
          {view === "builder" ? (
            <GroupFields draft={draft} onChange={setDraft} />
          ) : (
            <Input.TextArea
              className="mono"
              autoSize={{ minRows: 14, maxRows: 40 }}
              value={json}
              onChange={(event) => setJson(event.target.value)}
              status={typed ? "" : "error"}
              spellCheck={false}
              aria-label={t("segments.condition")}
            />
          )}
          {tried && !condition && (
            <p className="bad-text">
              {view === "json" ? t("segments.json_invalid") : t("segments.preview_incomplete")}
            </p>
          )}
          {error !== null && (
            <Alert type="error" showIcon title={errorText(error)} className="gap-above" />
          )}
          <div className="form-end">
            <Button type="primary" loading={busy} onClick={() => void save()}>
              {segment ? t("common.save") : t("segments.create")}
            </Button>
            <ButtonLink to={segment ? `/segments/${segment.id}` : "/segments"}>
              {t("common.cancel")}
            </ButtonLink>
          </div>
        </div>
        <Preview condition={condition} />
      </div>
    </>
  );
}

export function Component() {
  const { t } = useTranslation();
  const mayWrite = useCan("segments.write");
  const { id } = useParams();
  const segment = useQuery({
    queryKey: ["segment", id],
    queryFn: ({ signal }) => api.segment(id ?? "", signal),
    enabled: id !== undefined,
  });
  if (!mayWrite) return <StateNote page tone="problem" title={t("errors.forbidden")} />;
  if (id === undefined) return <Editor key="new" segment={null} />;
  if (segment.data) return <Editor key={id} segment={segment.data} />;
  if (segment.isPending) return <PageBones />;
  return <ErrorState page error={segment.error} retry={() => void segment.refetch()} />;
}
