import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { App, Button, Input, Segmented, Select } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { ImportJob, ImportSample } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { Json } from "@/components/Json";
import { useDraft } from "@/lib/drafts";
import { useFormat } from "@/lib/format";
import { useZones } from "@/lib/zones";
import {
  type ColumnChoice,
  type MappingChoice,
  mappingDocument,
  problemOf,
  recognise,
  type Role,
} from "./mapping";

const roles: Role[] = [
  "ignore",
  "user_id",
  "email",
  "phone",
  "timestamp",
  "name",
  "trait",
  "property",
];
const formats = [
  "iso",
  "unix",
  "unix_ms",
  "%d/%m/%Y",
  "%d/%m/%Y %H:%M",
  "%d/%m/%Y %H:%M:%S",
  "%m/%d/%Y",
  "%m/%d/%Y %H:%M",
  "%m/%d/%Y %H:%M:%S",
];

function ColumnRow({
  choice,
  values,
  events,
  onChange,
}: {
  choice: ColumnChoice;
  values: string[];
  events: boolean;
  onChange: (choice: ColumnChoice) => void;
}) {
  const { t } = useTranslation();
  const named = choice.role === "trait" || choice.role === "property";
  const offered = events ? roles : roles.filter((role) => role !== "name" && role !== "property");
  return (
    <tr>
      <th scope="row" data-label={t("import.column")}>
        <span className="map-name">{choice.column}</span>
        <small className="muted clip">
          {values.filter(Boolean).slice(0, 3).join(" · ") || t("import.empty_column")}
        </small>
      </th>
      <td data-label={t("import.becomes")}>
        <Select<Role>
          value={choice.role}
          onChange={(role) => onChange({ ...choice, role })}
          options={offered.map((role) => ({ value: role, label: t(`import_role.${role}`) }))}
          aria-label={t("import.becomes_of", { column: choice.column })}
          className="map-select"
        />
      </td>
      <td data-label={named ? t("import.called") : undefined}>
        {named && (
          <span className="map-target">
            <Input
              value={choice.target}
              maxLength={200}
              onChange={(event) => onChange({ ...choice, target: event.target.value })}
              aria-label={t("import.called_of", { column: choice.column })}
            />
            <Select
              value={choice.cast}
              onChange={(cast) => onChange({ ...choice, cast })}
              options={(["text", "number", "boolean"] as const).map((cast) => ({
                value: cast,
                label: t(`import_cast.${cast}`),
              }))}
              aria-label={t("import.cast_of", { column: choice.column })}
            />
          </span>
        )}
      </td>
    </tr>
  );
}

function Preview({ job, mapping }: { job: ImportJob; mapping: Record<string, unknown> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [rested, setRested] = useState(mapping);
  useEffect(() => {
    const timer = setTimeout(() => setRested(mapping), 300);
    return () => clearTimeout(timer);
  }, [mapping]);
  const preview = useQuery({
    queryKey: ["imports", job.id, "preview", rested],
    queryFn: ({ signal }) => api.previewImport(job.id, rested, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (preview.isPending) return <ListBones rows={3} />;
  if (preview.isError)
    return <ErrorState error={preview.error} retry={() => void preview.refetch()} />;
  const { events, refused, customers } = preview.data;
  return (
    <div className={preview.isPlaceholderData ? "is-dim" : undefined}>
      <p className="muted gap-below" role="status">
        {t("import.preview_counts", {
          events: format.number(events.length),
          customers: format.number(customers),
          refused: format.number(refused.length),
        })}
      </p>
      {refused.length > 0 && (
        <ul className="reasons gap-below">
          {refused.slice(0, 5).map((row) => (
            <li key={row.line}>
              <span>{t("import.line", { line: format.number(row.line) })}</span>
              <span>{row.reason}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="preview-events">
        {events.slice(0, 3).map((event, index) => (
          <Json key={index} value={event} />
        ))}
      </div>
    </div>
  );
}

function MappingForm({
  job,
  sample,
  onStarted,
  onCancel,
}: {
  job: ImportJob;
  sample: ImportSample;
  onStarted: (job: ImportJob) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const { timeZone } = useFormat();
  const draft = useDraft<MappingChoice>(`import.${job.id}`);
  const [choice, setChoice] = useState(() => draft.found ?? recognise(sample, timeZone));
  const [busy, setBusy] = useState(false);
  const zones = useZones(choice.timeZone);
  const mapping = useMemo(
    () => mappingDocument(choice, sample, job.file_name),
    [choice, sample, job.file_name],
  );
  const problem = problemOf(choice);
  const events = choice.kind === "events";
  const has = (role: Role) => choice.columns.some((column) => column.role === role);
  const change = (next: MappingChoice) => {
    setChoice(next);
    draft.keep(next);
  };
  const start = async () => {
    setBusy(true);
    try {
      const started = await api.startImport(job.id, mapping);
      draft.forget();
      onStarted(started);
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <section className="panel">
        <div className="panel-head">
          <h2>{t("import.map_title", { file: job.file_name })}</h2>
          <Segmented
            value={choice.kind}
            onChange={(kind) => change({ ...choice, kind })}
            options={[
              { value: "customers" as const, label: t("import.kind_customers") },
              { value: "events" as const, label: t("import.kind_events") },
            ]}
          />
        </div>
        {(events || has("timestamp")) && (
          <div className="map-options">
            {events && !has("name") && (
              <label>
                <span>{t("import.event_name")}</span>
                <Input
                  value={choice.event}
                  maxLength={200}
                  onChange={(event) => change({ ...choice, event: event.target.value })}
                />
              </label>
            )}
            {has("timestamp") && (
              <>
                <label>
                  <span>{t("import.time_format")}</span>
                  <Select
                    value={choice.timeFormat}
                    onChange={(timeFormat) => change({ ...choice, timeFormat })}
                    options={formats.map((value) => ({ value, label: value }))}
                    aria-label={t("import.time_format")}
                  />
                </label>
                <label>
                  <span>{t("import.time_zone")}</span>
                  <Select
                    value={choice.timeZone}
                    onChange={(zone) => change({ ...choice, timeZone: zone })}
                    options={zones}
                    showSearch={{ optionFilterProp: "label" }}
                    aria-label={t("import.time_zone")}
                  />
                </label>
              </>
            )}
          </div>
        )}
        <div className="table-box">
          <table className="table map-table">
            <caption className="hidden">{t("import.columns")}</caption>
            <thead>
              <tr>
                <th scope="col">{t("import.column")}</th>
                <th scope="col">{t("import.becomes")}</th>
                <th scope="col">{t("import.called")}</th>
              </tr>
            </thead>
            <tbody>
              {choice.columns.map((column, index) => (
                <ColumnRow
                  key={column.column}
                  choice={column}
                  events={events}
                  values={sample.rows.map((row) => row[index] ?? "")}
                  onChange={(next) =>
                    change({
                      ...choice,
                      columns: choice.columns.map((old, at) => (at === index ? next : old)),
                    })
                  }
                />
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section className="panel">
        <div className="panel-head">
          <h2>{t("import.preview_title")}</h2>
        </div>
        {problem ? <p className="muted">{t(problem)}</p> : <Preview job={job} mapping={mapping} />}
        <div className="row-end">
          <Button onClick={onCancel}>{t("common.cancel")}</Button>
          <Button
            type="primary"
            disabled={problem !== null}
            loading={busy}
            onClick={() => void start()}
          >
            {t("import.start")}
          </Button>
        </div>
      </section>
    </div>
  );
}

/** Which column becomes what, with the first rows as the events and customers they become. */
export function MappingStep(props: {
  job: ImportJob;
  onStarted: (job: ImportJob) => void;
  onCancel: () => void;
}) {
  const sample = useQuery({
    queryKey: ["imports", props.job.id, "sample"],
    queryFn: ({ signal }) => api.importSample(props.job.id, signal),
    staleTime: Infinity,
  });
  if (sample.isPending) return <ListBones rows={6} />;
  if (!sample.data) return <ErrorState error={sample.error} retry={() => void sample.refetch()} />;
  return <MappingForm {...props} sample={sample.data} />;
}
