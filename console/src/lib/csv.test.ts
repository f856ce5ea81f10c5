import { describe, expect, test } from "vitest";
import { delimiterOf, parseCsv, readText, toCsv, withCommas } from "./csv";

describe("CSV", () => {
  test("quotes, line breaks and empty lines", () => {
    expect(parseCsv('\uFEFFa,b\r\n"x, ""y""\nz",2\r\n\r\n,\r\nlast', ",")).toEqual([
      ["a", "b"],
      ['x, "y"\nz', "2"],
      ["", ""],
      ["last"],
    ]);
    expect(parseCsv("a\nb\nc", ",", 2)).toEqual([["a"], ["b"]]);
    expect(parseCsv("", ",")).toEqual([]);
  });

  test("the delimiter is what stands most often outside quotes", () => {
    expect(delimiterOf("a;b;c\n1,2")).toBe(";");
    expect(delimiterOf('"a;b;c",d')).toBe(",");
    expect(delimiterOf("a\tb")).toBe("\t");
    expect(delimiterOf("alone")).toBe(",");
  });

  test("becomes commas without changing a cell", () => {
    expect(withCommas("a,b\n=1,2")).toBe("a,b\n=1,2");
    expect(parseCsv(withCommas('a;b\n"x;1";=2,5'), ",")).toEqual([
      ["a", "b"],
      ["x;1", "=2,5"],
    ]);
  });

  test("formulas are not run by who opens the file", () => {
    expect(
      toCsv([
        ["=HYPERLINK(1)", "+84 90 1"],
        ['a"b', "c"],
      ]),
    ).toBe('\uFEFF\'=HYPERLINK(1),+84 90 1\r\n"a""b",c\r\n');
  });

  test("UTF-16 of a spreadsheet is read", async () => {
    const bytes = new Uint8Array([0xff, 0xfe, 0x61, 0, 0x0a, 0, 0xe9, 0]);
    expect(await readText(new Blob([bytes]))).toBe("a\né");
  });
});
