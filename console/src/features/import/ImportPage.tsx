import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm, Progress } from "antd";
import { Download, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { ImportJob } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { FileDrop } from "@/components/FileDrop";
import { PageHead } from "@/components/PageHead";
import { Pill, type Tone } from "@/components/Pill";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useAddressFilter } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { useLive } from "@/lib/live";
import { useCan } from "@/lib/session";
import { MappingStep } from "./MappingStep";
import { Report } from "./Report";
import { useUpload } from "./useUpload";

const tones: Record<ImportJob["status"], Tone> = {
  uploading: "busy",
  uploaded: "warn",
  queued: "busy",
  running: "busy",
  done: "good",
  failed: "bad",
  cancelled: "neutral",
};

function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useTranslation();
  return (
    <FileDrop
      title={t("import.drop")}
      note={t("import.drop_note")}
      choose={t("import.choose")}
      accept=".csv,.tsv,.txt,.jsonl,.ndjson,.gz,text/csv,application/json"
      onFile={onFile}
    />
  );
}

function Bar({ part, label }: { part: number; label: string }) {
  return (
    <Progress percent={Math.floor(part * 100)} status="active" aria-label={label} size="small" />
  );
}

function Running({ job, onChange }: { job: ImportJob; onChange: (job: ImportJob) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const cancel = async () => {
    try {
      onChange(await api.cancelImport(job.id));
    } catch (error) {
      void message.error(errorText(error));
    }
  };
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("import.running", { file: job.file_name })}</h2>
        <Button onClick={() => void cancel()}>{t("import.cancel")}</Button>
      </div>
      <Bar part={job.size > 0 ? job.bytes_read / job.size : 0} label={t("import.progress")} />
      <p className="muted" role="status">
        {t("import.rows_so_far", {
          rows: format.number(job.rows),
          events: format.number(job.events_sent),
        })}
      </p>
    </section>
  );
}

function useActions(onGone: () => void) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const errorText = useErrorText();
  return async (job: ImportJob) => {
    try {
      await api.removeImport(job.id);
      onGone();
      await client.invalidateQueries({ queryKey: ["imports"] });
    } catch (error) {
      void message.error(errorText(error));
    }
  };
}

function Earlier({ jobs, onOpen }: { jobs: ImportJob[]; onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const remove = useActions(() => undefined);
  const columns: Column<ImportJob>[] = [
    {
      key: "file",
      title: t("import.file"),
      primary: true,
      render: (job) => (
        <Button type="link" className="link-cell" onClick={() => onOpen(job.id)}>
          {job.file_name}
        </Button>
      ),
    },
    {
      key: "status",
      title: t("import.status"),
      render: (job) => <Pill tone={tones[job.status]}>{t(`import_status.${job.status}`)}</Pill>,
    },
    {
      key: "rows",
      title: t("import.rows"),
      numeric: true,
      render: (job) => format.number(job.rows),
    },
    {
      key: "refused",
      title: t("import.refused"),
      numeric: true,
      render: (job) => (job.report ? format.number(job.report.refused_rows) : "–"),
    },
    { key: "by", title: t("import.by"), render: (job) => job.created_by },
    { key: "at", title: t("import.at"), render: (job) => <Time at={job.created_at} /> },
    {
      key: "actions",
      title: t("import.actions"),
      quiet: true,
      render: (job) => (
        <span className="row-end">
          {job.has_refused && (
            <Button
              type="text"
              size="small"
              icon={<Download size={15} />}
              href={`/api/v1/imports/${job.id}/refused`}
              aria-label={t("import.download")}
            />
          )}
          {!["queued", "running"].includes(job.status) && (
            <Popconfirm title={t("import.remove_ask")} onConfirm={() => void remove(job)}>
              <Button
                type="text"
                size="small"
                icon={<Trash2 size={15} />}
                aria-label={t("common.delete")}
              />
            </Popconfirm>
          )}
        </span>
      ),
    },
  ];
  return (
    <section>
      <h2 className="section-title">{t("import.earlier")}</h2>
      <DataTable
        label={t("import.earlier")}
        columns={columns}
        rows={jobs}
        rowKey={(job) => job.id}
      />
    </section>
  );
}

function Current({ job, onClose }: { job: ImportJob; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const put = (next: ImportJob) => {
    client.setQueryData(["imports", next.id], next);
    void client.invalidateQueries({ queryKey: ["imports", "list"] });
  };
  switch (job.status) {
    case "uploaded":
      return <MappingStep job={job} onStarted={put} onCancel={onClose} />;
    case "queued":
    case "running":
      return <Running job={job} onChange={put} />;
    case "done":
      return <Report job={job} onClose={onClose} />;
    default:
      return (
        <StateNote
          tone={job.status === "failed" ? "problem" : "calm"}
          title={t(`import.${job.status}_title`, { file: job.file_name })}
          text={job.error || t(`import.${job.status}_text`)}
          action={<Button onClick={onClose}>{t("import.another")}</Button>}
        />
      );
  }
}

export function Component() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const allowed = useCan("events.import");
  const [chosen, setChosen] = useAddressFilter("job");
  const upload = useUpload((job) => {
    client.setQueryData(["imports", job.id], job);
    setChosen(job.id);
  });
  const list = useQuery({
    queryKey: ["imports", "list"],
    queryFn: ({ signal }) => api.imports({ limit: 50 }, signal),
    enabled: allowed,
  });
  const job = useQuery({
    queryKey: ["imports", chosen],
    queryFn: ({ signal }) => api.import(chosen, signal),
    enabled: allowed && chosen !== "",
    // The live connection tells progress sooner; this is for when there is none.
    refetchInterval: (query) =>
      ["queued", "running"].includes(query.state.data?.status ?? "") ? 3_000 : false,
  });
  useLive(
    "imports",
    (data) => {
      for (const told of data as ImportJob[]) client.setQueryData(["imports", told.id], told);
      void client.invalidateQueries({ queryKey: ["imports", "list"] });
    },
    allowed,
  );

  if (!allowed) {
    return <StateNote page title={t("import.not_allowed")} text={t("errors.forbidden")} />;
  }
  const jobs = (list.data?.items ?? []).filter((item) => item.id !== chosen);
  return (
    <>
      <PageHead title={t("nav.import")} note={t("import.note")} />
      <div className="stack">
        {upload.file ? (
          <section className="panel">
            <div className="panel-head">
              <h2>{t("import.uploading", { file: upload.file.name })}</h2>
              <Button onClick={upload.cancel}>{t("common.cancel")}</Button>
            </div>
            <Bar part={upload.part} label={t("import.upload_progress")} />
            {upload.error !== null && <ErrorState error={upload.error} retry={upload.retry} />}
          </section>
        ) : chosen === "" ? (
          <DropZone onFile={(file) => void upload.begin(file)} />
        ) : job.isPending ? (
          <ListBones rows={4} />
        ) : job.data ? (
          <Current job={job.data} onClose={() => setChosen("")} />
        ) : (
          <ErrorState error={job.error} retry={() => void job.refetch()} />
        )}
        {list.isError && <ErrorState error={list.error} retry={() => void list.refetch()} />}
        {jobs.length > 0 && <Earlier jobs={jobs} onOpen={setChosen} />}
      </div>
    </>
  );
}
