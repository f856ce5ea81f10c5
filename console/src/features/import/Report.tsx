import { Button } from "antd";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ImportJob } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { useFormat } from "@/lib/format";

/** What an import did: rows read, events made, rows refused and why. */
export function Report({ job, onClose }: { job: ImportJob; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const report = job.report;
  if (!report) return null;
  const { events } = report;
  const sum = (pick: (event: (typeof events)[number]) => number) =>
    events.reduce((total, event) => total + pick(event), 0);
  const figures = [
    { key: "rows", value: report.rows },
    { key: "customers", value: report.customers },
    { key: "added", value: sum((event) => event.added) },
    { key: "duplicates", value: sum((event) => event.duplicates) },
    { key: "refused", value: report.refused_rows },
  ];
  const reasons = [...report.refused, ...report.rejected];
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t("import.done", { file: job.file_name })}</h2>
        <span className="row">
          <Button onClick={onClose}>{t("import.another")}</Button>
          <ButtonLink to="/customers" type="primary">
            {t("import.see_customers")}
          </ButtonLink>
        </span>
      </div>
      <dl className="figures">
        {figures.map((figure) => (
          <div key={figure.key}>
            <dt>{t(`import_report.${figure.key}`)}</dt>
            <dd>{format.number(figure.value)}</dd>
          </div>
        ))}
      </dl>
      {reasons.length > 0 && (
        <>
          <h3 className="sub-title">{t("import.why_refused")}</h3>
          <ul className="reasons">
            {reasons.map((reason) => (
              <li key={reason.reason}>
                <span>{reason.reason}</span>
                <strong>{format.number(reason.rows)}</strong>
              </li>
            ))}
          </ul>
          <p className="muted gap-below">{t("import.refused_note")}</p>
          <Button icon={<Download size={15} />} href={`/api/v1/imports/${job.id}/refused`}>
            {t("import.download")}
          </Button>
        </>
      )}
    </section>
  );
}
