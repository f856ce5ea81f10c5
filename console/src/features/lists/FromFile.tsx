import { Button, Select } from "antd";
import { FileText, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { lists } from "@/api/lists";
import { FileDrop } from "@/components/FileDrop";
import { delimiterOf, parseCsv, readText, withCommas } from "@/lib/csv";
import { useFormat } from "@/lib/format";
import { columnOf, kindOf } from "./identifiers";
import { KindField } from "./KindField";
import type { Result } from "./Outcome";

const mostBytes = 15 * 1024 * 1024;
const previewRows = 5;

interface Table {
  name: string;
  text: string;
  columns: string[];
  rows: string[][];
}

/** The table of a file, or which text says why it is none. */
async function read(file: File): Promise<Table | "lists.file_big" | "lists.file_empty"> {
  if (file.size > mostBytes) return "lists.file_big";
  const text = await readText(file);
  const [columns = [], ...rows] = parseCsv(text, delimiterOf(text), previewRows + 1);
  if (columns.length === 0 || rows.length === 0) return "lists.file_empty";
  return { name: file.name, text, columns: columns.map((name) => name.trim()), rows };
}

function Preview({ table, column }: { table: Table; column: number }) {
  const { t } = useTranslation();
  const mark = (at: number) => (at === column ? "is-chosen" : undefined);
  return (
    // Wide tables scroll, so keyboards must be able to reach the box.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="list-preview" tabIndex={0} role="region" aria-label={t("lists.preview")}>
      <table>
        <caption className="hidden">{t("lists.preview")}</caption>
        <thead>
          <tr>
            {table.columns.map((name, at) => (
              <th key={at} scope="col" className={mark(at)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {table.columns.map((_, at) => (
                <td key={at} className={mark(at)}>
                  {row[at]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Customers of a file, found by one of its columns. */
export function FromFile({
  listId,
  run,
  busy,
}: {
  listId: string;
  run: (change: () => Promise<Result>) => Promise<void>;
  busy: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [table, setTable] = useState<Table | null>(null);
  const [problem, setProblem] = useState("");
  const [column, setColumn] = useState(0);
  const [kind, setKind] = useState("email");
  const choose = (from: Table, at: number) => {
    setColumn(at);
    setKind(
      kindOf(
        from.columns[at] ?? "",
        from.rows.map((row) => row[at] ?? ""),
      ),
    );
  };
  const take = async (file: File) => {
    const found = await read(file);
    if (typeof found === "string") {
      setProblem(t(found, { size: format.bytes(mostBytes) }));
      return;
    }
    setProblem("");
    setTable(found);
    choose(found, columnOf(found.columns, found.rows));
  };
  if (!table) {
    return (
      <>
        <FileDrop
          title={t("import.drop")}
          note={t("lists.file_note")}
          choose={t("import.choose")}
          accept=".csv,.tsv,.txt,text/csv"
          onFile={(file) => void take(file)}
        />
        <p className="bad-text" role="alert">
          {problem}
        </p>
      </>
    );
  }
  const add = () =>
    run(async () => {
      const name = table.columns[column] ?? "";
      const outcome = await lists.addCsv(listId, kind, name, withCommas(table.text));
      setTable(null);
      return {
        added: true,
        rows: outcome.rows,
        changed: outcome.changed,
        unknown: outcome.unknown,
        notFound: outcome.not_found,
      };
    });
  return (
    <div className="options">
      <div className="list-file">
        <FileText size={16} aria-hidden />
        <strong className="clip">{table.name}</strong>
        <Button
          type="text"
          size="small"
          icon={<X size={14} />}
          aria-label={t("lists.other_file")}
          onClick={() => setTable(null)}
        />
      </div>
      <div className="list-kind">
        <span>{t("import.column")}</span>
        <Select<number>
          value={column}
          onChange={(at) => choose(table, at)}
          options={table.columns.map((name, at) => ({ value: at, label: name }))}
          aria-label={t("import.column")}
          popupMatchSelectWidth={false}
        />
      </div>
      <KindField key={`${table.name} ${column}`} kind={kind} onChange={setKind} />
      <Preview table={table} column={column} />
      <div className="form-end">
        <Button type="primary" disabled={kind === ""} loading={busy} onClick={() => void add()}>
          {t("lists.add")}
        </Button>
      </div>
    </div>
  );
}
