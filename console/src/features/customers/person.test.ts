import { expect, test } from "vitest";
import { localTime, pictureOf, traitText } from "./person";
import { readReason } from "./reasons";

test("the local time follows zones with half hours and survives unknown ones", () => {
  const noon = Date.UTC(2026, 0, 15, 12, 0);
  expect(localTime("Asia/Kolkata", "en-GB", noon)).toMatch(/17:30/);
  expect(localTime("America/St_Johns", "en-GB", noon)).toMatch(/08:30/);
  expect(localTime("Nowhere/Else", "en", noon)).toBe("");
  expect(localTime("", "en", noon)).toBe("");
});

test("traits give the first text there is", () => {
  expect(traitText({ time_zone: 3, timezone: " Asia/Tokyo " }, ["time_zone", "timezone"])).toBe(
    "Asia/Tokyo",
  );
  expect(traitText({ address: { city: "Huế" } }, ["city", "address.city"])).toBe("Huế");
});

test("only a picture of a web address is shown", () => {
  expect(pictureOf({ avatar: "https://x.example/a.png" })).toBe("https://x.example/a.png");
  for (const avatar of ["javascript:alert(1)", "http://x.example/a.png", "data:image/png,x", 7]) {
    expect(pictureOf({ avatar })).toBe("");
  }
});

test("reasons of links are read, unknown ones are kept", () => {
  expect(readReason("created")).toEqual({ key: "created" });
  expect(readReason("added with user_id, email")).toEqual({
    key: "added_with",
    kinds: ["user_id", "email"],
  });
  expect(readReason("moved by hand")).toEqual({ key: "other", text: "moved by hand" });
});
