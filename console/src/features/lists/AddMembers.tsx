import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input, Modal, Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { lists } from "@/api/lists";
import { api } from "@/api/operations";
import { useErrorText } from "@/components/ErrorState";
import { useFormat } from "@/lib/format";
import { FromFile } from "./FromFile";
import { valuesOf } from "./identifiers";
import { KindField } from "./KindField";
import { Outcome, type Result } from "./Outcome";

const ways = ["file", "hand", "segment"] as const;
const mostAtOnce = 10_000;

type Run = (change: () => Promise<Result>) => Promise<void>;

function ByHand({ listId, run, busy }: { listId: string; run: Run; busy: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [kind, setKind] = useState("email");
  const [text, setText] = useState("");
  const values = valuesOf(text);
  const tooMany = values.length > mostAtOnce;
  const ready = values.length > 0 && !tooMany && kind !== "" && !busy;
  const change = (added: boolean) =>
    run(async () => {
      const outcome = await lists[added ? "add" : "take"](listId, kind, values);
      setText("");
      return {
        added,
        rows: values.length,
        changed: outcome.changed,
        unknown: outcome.unknown,
        notFound: outcome.unknown_examples.map((value) => ({ value })),
      };
    });
  return (
    <div className="options">
      <KindField kind={kind} onChange={setKind} />
      <Input.TextArea
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoSize={{ minRows: 6, maxRows: 14 }}
        placeholder={t("lists.values_example")}
        aria-label={t("lists.values")}
        spellCheck={false}
        maxLength={1_000_000}
      />
      <p className={tooMany ? "bad-text" : "muted"}>
        {tooMany
          ? t("lists.over_bound", { number: format.number(mostAtOnce) })
          : t("lists.given", { count: values.length, number: format.number(values.length) })}
      </p>
      <div className="form-end">
        <Button type="primary" disabled={!ready} loading={busy} onClick={() => void change(true)}>
          {t("lists.add")}
        </Button>
        <Button disabled={!ready} onClick={() => void change(false)}>
          {t("lists.take")}
        </Button>
      </div>
    </div>
  );
}

function FromSegment({ listId, run, busy }: { listId: string; run: Run; busy: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [id, setId] = useState("");
  const segments = useQuery({
    queryKey: ["segments", "choice"],
    queryFn: ({ signal }) => api.segments({ limit: 500 }, signal),
    staleTime: 60_000,
  });
  const chosen = useQuery({
    queryKey: ["segment", id],
    queryFn: ({ signal }) => api.segment(id, signal),
    enabled: id !== "",
  });
  const count = chosen.data?.count ?? 0;
  const add = () =>
    run(async () => {
      const { changed } = await lists.addSegment(listId, id);
      return { added: true, rows: changed, changed, unknown: 0, notFound: [] };
    });
  return (
    <div className="options">
      <p className="muted">{t("lists.segment_note")}</p>
      <Select<string>
        value={id || undefined}
        onChange={setId}
        showSearch={{ optionFilterProp: "label" }}
        options={(segments.data?.items ?? []).map((s) => ({ value: s.id, label: s.name }))}
        placeholder={t("composer.choose_segment")}
        aria-label={t("composer.choose_segment")}
      />
      {chosen.data && (
        <div className="list-segment">
          <p>{chosen.data.sentence}</p>
          <p className="muted">{t("segments.size", { count, number: format.number(count) })}</p>
        </div>
      )}
      <div className="form-end">
        <Button type="primary" disabled={!chosen.data} loading={busy} onClick={() => void add()}>
          {t("lists.add")}
        </Button>
      </div>
    </div>
  );
}

/** Adds customers to a list in one of three ways, or takes them off it; tells what came of it. */
export function AddMembers({
  listId,
  way,
  onWay,
  onChanged,
  onClose,
}: {
  listId: string;
  way: string;
  onWay: (way: string) => void;
  onChanged: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<Result | null>(null);
  const [error, setError] = useState<unknown>(null);
  const shown = ways.find((known) => known === way) ?? "file";
  const run: Run = async (change) => {
    setBusy(true);
    setError(null);
    setResult(null);
    try {
      setResult(await change());
      onChanged();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const Way = { file: FromFile, hand: ByHand, segment: FromSegment }[shown];
  return (
    <Modal
      open
      width={640}
      title={t("lists.change")}
      onCancel={onClose}
      footer={result ? <Button onClick={onClose}>{t("common.done")}</Button> : null}
      mask={{ closable: false }}
    >
      <Segmented<string>
        block
        value={shown}
        onChange={(next) => {
          setResult(null);
          setError(null);
          onWay(next);
        }}
        options={ways.map((value) => ({ value, label: t(`lists.way_${value}`) }))}
        aria-label={t("lists.way")}
      />
      <div className="gap-above">
        <Way listId={listId} run={run} busy={busy} />
      </div>
      {error !== null && (
        <Alert type="error" showIcon title={errorText(error)} className="gap-above" />
      )}
      {result && <Outcome result={result} />}
    </Modal>
  );
}
