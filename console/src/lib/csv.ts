// CSV as spreadsheets write it: quotes, doubled quotes, line breaks inside quotes, and commas,
// semicolons or tabs between the cells.

export type Delimiter = "," | ";" | "\t";

/** What stands most often in the first line, outside quotes. */
export function delimiterOf(text: string): Delimiter {
  const line = text.slice(0, text.search(/\r?\n|$/)).replace(/"[^"]*"/g, "");
  const often = (delimiter: string) => line.split(delimiter).length;
  const found = ([";", "\t"] as const).find((delimiter) => often(delimiter) > often(","));
  return found ?? ",";
}

/** Up to `most` rows; empty lines are left out. */
export function parseCsv(text: string, delimiter: Delimiter, most = Infinity): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endRow = () => {
    if (row.length > 0 || cell !== "") rows.push([...row, cell]);
    row = [];
    cell = "";
  };
  for (
    let at = text.startsWith("\uFEFF") ? 1 : 0;
    at < text.length && rows.length < most;
    at += 1
  ) {
    const char = text.charAt(at);
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === delimiter) {
      row.push(cell);
      cell = "";
    } else if (char === "\n") endRow();
    else if (char !== "\r") cell += char;
  }
  if (rows.length < most) endRow();
  return rows;
}

/** A cell that starts like a formula is told apart, so that a spreadsheet does not run it. */
function written(cell: string): string {
  const safe = /^[=+\-@\t]/.test(cell) && !/^[+-]?[\d\s().-]+$/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** For people to open: with a byte order mark, so that every spreadsheet reads the accents. */
export function toCsv(rows: string[][]): string {
  return `\uFEFF${rows.map((row) => row.map(written).join(",")).join("\r\n")}\r\n`;
}

/** The same table with commas, for the server; nothing of the cells is changed. */
export function withCommas(text: string): string {
  const delimiter = delimiterOf(text);
  if (delimiter === ",") return text;
  const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  return parseCsv(text, delimiter)
    .map((row) => row.map(quote).join(","))
    .join("\n");
}

/** Text of a file as UTF-8, or UTF-16 where a byte order mark says so. */
export async function readText(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}
