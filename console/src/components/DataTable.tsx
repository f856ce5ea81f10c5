import type { Key, MouseEvent, ReactNode } from "react";
import { useNavigate } from "react-router";

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  /** Numbers stand right. */
  numeric?: boolean;
  /** The cell that names the row; on narrow screens it leads without a label. */
  primary?: boolean;
  width?: number | string;
  /** The title is for screen readers only, as above a column of buttons. */
  quiet?: boolean;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => Key;
  /** Where a click anywhere on the row leads; the primary cell holds the real link. */
  rowTo?: (row: T) => string;
  dim?: boolean;
}

function cellClass<T>(column: Column<T>): string | undefined {
  const names = [column.numeric && "numeric", column.primary && "primary"].filter(Boolean);
  return names.length > 0 ? names.join(" ") : undefined;
}

/** A table on wide screens, a list of cards on narrow ones, from the same markup. */
export function DataTable<T>({ label, columns, rows, rowKey, rowTo, dim }: Props<T>) {
  const navigate = useNavigate();
  const follow = (row: T) => (event: MouseEvent<HTMLTableRowElement>) => {
    const target = event.target as HTMLElement;
    if (
      !rowTo ||
      target.closest("a,button,input,[role=button]") ||
      window.getSelection()?.toString()
    )
      return;
    void navigate(rowTo(row));
  };
  return (
    <div className={dim ? "table-box is-dim" : "table-box"}>
      <table className="table">
        <caption className="hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={column.numeric ? "numeric" : undefined}
                style={column.width ? { width: column.width } : undefined}
              >
                {column.quiet ? <span className="hidden">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            // The row is a larger target for the pointer only: keyboards use the link in the
            // primary cell.
            <tr
              key={rowKey(row)}
              onClick={rowTo && follow(row)}
              className={rowTo ? "is-link" : undefined}
            >
              {columns.map((column) => (
                <td
                  key={column.key}
                  data-label={column.primary ? undefined : column.quiet ? "" : column.title}
                  className={cellClass(column)}
                >
                  {column.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
