import { Alert, Button } from "antd";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { saveFile } from "@/lib/saveFile";
import { toCsv } from "@/lib/csv";

export interface Result {
  added: boolean;
  /** Values that were given. */
  rows: number;
  changed: number;
  unknown: number;
  notFound: { line?: number; value: string }[];
}

const shown = 8;

/** What came of a change: how many customers, and which values are nobody's. */
export function Outcome({ result }: { result: Result }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { changed, unknown, notFound } = result;
  const save = () =>
    saveFile(
      "not-found.csv",
      toCsv([
        [t("lists.line"), t("builder.value")],
        ...notFound.map((row) => [String(row.line ?? ""), row.value]),
      ]),
    );
  const done = result.added
    ? t("lists.were_added", { count: changed, number: format.number(changed) })
    : t("lists.were_taken", { count: changed, number: format.number(changed) });
  return (
    <div className="list-outcome" role="status">
      <Alert type={changed > 0 ? "success" : "warning"} showIcon title={done} />
      {unknown > 0 && (
        <>
          <div className="panel-head">
            <h3>{t("lists.not_found", { count: unknown, number: format.number(unknown) })}</h3>
            <Button size="small" icon={<Download size={14} />} onClick={save}>
              {t("lists.not_found_save")}
            </Button>
          </div>
          <ul className="list-unknown">
            {notFound.slice(0, shown).map((row, index) => (
              <li key={index}>
                <code>{row.value}</code>
                {row.line !== undefined && (
                  <small className="muted">{t("import.line", { line: row.line })}</small>
                )}
              </li>
            ))}
          </ul>
          {unknown > shown && <p className="muted">{t("lists.not_found_more")}</p>}
        </>
      )}
    </div>
  );
}
