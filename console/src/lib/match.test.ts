import { expect, it } from "vitest";
import { matches } from "./match";

it.each([
  ["Người mua ở Việt Nam", "viet nguoi", true],
  ["Đặng Thị Ánh", "dang anh", true],
  ["Live events", "EVENT", true],
  ["客户", "客", true],
  ["Segments", "segmentz", false],
  ["anything", "  ", true],
])("%s by %s: %s", (text, wanted, found) => expect(matches(text, wanted)).toBe(found));
