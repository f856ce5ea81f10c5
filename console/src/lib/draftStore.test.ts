import { describe, expect, it } from "vitest";
import { draftKey, readDraft, writeDraft } from "./draftStore";

function memory() {
  const map = new Map<string, string>();
  return {
    map,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
}

describe("drafts", () => {
  const day = 24 * 3600 * 1000;
  it("come back for two weeks", () => {
    const storage = memory();
    writeDraft(storage, "k", { name: "Ánh" }, 0);
    expect(readDraft(storage, "k", 13 * day)).toEqual({ name: "Ánh" });
    expect(readDraft(storage, "k", 15 * day)).toBeNull();
  });
  it("are nothing when storage holds something else", () => {
    const storage = memory();
    for (const text of ["", "{", "7", '{"at":"x"}']) {
      storage.setItem("k", text);
      expect(readDraft(storage, "k", 0)).toBeNull();
    }
  });
  it("are not kept when they are too long or withdrawn", () => {
    const storage = memory();
    writeDraft(storage, "k", "x".repeat(1_100_000), 0);
    expect(storage.map.size).toBe(0);
    writeDraft(storage, "k", "x", 0);
    writeDraft(storage, "k", null, 0);
    expect(storage.map.size).toBe(0);
  });
  it("belong to one user of one workspace", () => {
    const keys = new Set([
      draftKey("wsp_1", "usr_1", "f"),
      draftKey("wsp_1", "usr_2", "f"),
      draftKey("wsp_2", "usr_1", "f"),
    ]);
    expect(keys.size).toBe(3);
  });
});
