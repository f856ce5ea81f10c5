import { expect, test } from "vitest";
import { pathSteps } from "@/lib/paths";
import { traitAt } from "./traitValues";

test("paths lead into objects and lists, escaped dots belong to names", () => {
  expect(pathSteps("address.city")).toEqual(["address", "city"]);
  expect(pathSteps("utm\\.source")).toEqual(["utm.source"]);
  expect(pathSteps("a\\\\.b")).toEqual(["a\\", "b"]);
  const traits = { address: { city: "Huế" }, "utm.source": "x", tags: ["a", "b"], none: null };
  expect(traitAt(traits, "address.city")).toBe("Huế");
  expect(traitAt(traits, "utm\\.source")).toBe("x");
  expect(traitAt(traits, "tags.1")).toBe("b");
  expect(traitAt(traits, "none.deeper")).toBeUndefined();
  expect(traitAt(traits, "missing")).toBeUndefined();
});
