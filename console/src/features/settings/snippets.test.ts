import { expect, it } from "vitest";
import { platforms, snippet } from "./snippets";

it.each(platforms)("%s holds the real key and address", (platform) => {
  const text = snippet(platform, "https://crm.example:8443", "wk_abc");
  expect(text).toContain("wk_abc");
  expect(text).toContain("crm.example:8443");
});
