import { describe, expect, it } from "vitest";
import { mappingDocument, problemOf, recognise, targetName, timeFormatOf } from "./mapping";

describe("timeFormatOf", () => {
  it.each([
    [["2026-11-25T10:00:00Z"], "iso"],
    [["2026-11-25 10:00"], "iso"],
    [["1764064800"], "unix"],
    [["1764064800000"], "unix_ms"],
    [["01/02/2026", "25/11/2026"], "%d/%m/%Y"],
    [["01/02/2026 8:05"], "%m/%d/%Y %H:%M"],
    [["", "13/01/2026 08:05:10"], "%d/%m/%Y %H:%M:%S"],
    [[], "iso"],
  ])("%o", (values, format) => expect(timeFormatOf(values)).toBe(format));
});

it.each([
  ["Order Date", "order_date"],
  [" Số tiền ", "số_tiền"],
  ["客户等级", "客户等级"],
  ["--", ""],
])("names %s", (column, target) => expect(targetName(column)).toBe(target));

describe("recognise", () => {
  const people = {
    format: "csv" as const,
    delimiter: ";",
    columns: ["Customer ID", "E-mail", "Full name", "Points", "Zip"],
    rows: [["7", "a@x.example", "Ánh", "12.5", "01234"]],
  };
  it("takes a list of customers", () => {
    const choice = recognise(people, "Asia/Ho_Chi_Minh");
    expect(choice.kind).toBe("customers");
    expect(choice.columns.map((column) => column.role)).toEqual([
      "user_id",
      "email",
      "trait",
      "trait",
      "trait",
    ]);
    expect(choice.columns[3]?.cast).toBe("number");
    expect(choice.columns[4]?.cast).toBe("text");
    expect(problemOf(choice)).toBeNull();
    expect(mappingDocument(choice, people, "people.csv")).toEqual({
      name: "console:people.csv",
      format: "csv",
      csv: { delimiter: ";" },
      time_zone: "Asia/Ho_Chi_Minh",
      user_id: "Customer ID",
      identifiers: { email: "E-mail" },
      traits: {
        name: "Full name",
        points: { column: "Points", cast: "number" },
        zip: "Zip",
        email: "E-mail",
      },
    });
  });

  it("takes a list of events", () => {
    const orders = {
      format: "jsonl" as const,
      delimiter: "",
      columns: ["user_id", "event", "timestamp", "total"],
      rows: [["7", "Order Completed", "2026-11-25", "12"]],
    };
    const choice = recognise(orders, "UTC");
    expect(choice.kind).toBe("events");
    expect(mappingDocument(choice, orders, "o.jsonl")).toMatchObject({
      user_id: "user_id",
      events: [{ name_column: "event" }],
      timestamp: { column: "timestamp", format: "iso" },
      properties: { total: { column: "total", cast: "number" } },
    });
  });

  it("says what is missing", () => {
    const choice = recognise({ ...people, columns: ["a", "b"], rows: [] }, "UTC");
    expect(problemOf(choice)).toBe("import.needs_identifier");
  });
});
