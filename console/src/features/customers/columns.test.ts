import { describe, expect, test } from "vitest";
import { exportColumns, parseColumns, usualColumns } from "./columns";

describe("columns of the list of customers", () => {
  test("only what can be shown is taken from an address", () => {
    expect(parseColumns(null)).toBeNull();
    expect(parseColumns("")).toBeNull();
    expect(parseColumns("nonsense,<script>")).toBeNull();
    expect(parseColumns("trait:plan,events,trait:plan,trait:")).toEqual(["trait:plan", "events"]);
    expect(parseColumns(Array.from({ length: 40 }, (_, n) => `trait:t${n}`).join())).toHaveLength(
      12,
    );
  });
  test("the export has the same columns by the API's names", () => {
    expect(exportColumns(usualColumns)).toEqual([
      "id",
      "name",
      "email",
      "trait:country",
      "event_count",
      "first_seen",
      "last_seen",
    ]);
  });
});
