import { expect, test } from "vitest";
import { personalise, withoutDefault } from "@/lib/personalise";
import { traitOutput } from "./insertion";

test("a trait is written with its fallback, whatever is in it", () => {
  expect(traitOutput("first_name", "there")).toBe(
    '{{ customer.traits.first_name | default: "there" }}',
  );
  expect(traitOutput("first_name", "")).toBe("{{ customer.traits.first_name }}");
  expect(traitOutput("address.city", 'the "city"')).toBe(
    "{{ customer.traits.address.city | default: 'the \"city\"' }}",
  );
  expect(traitOutput("utm\\.source", "x")).toBe(
    '{{ customer.traits["utm.source"] | default: "x" }}',
  );
  expect(traitOutput("n", `it's "so"`)).toBe("{{ customer.traits.n | default: 'it’s \"so\"' }}");
});

test("what is inserted is read by the preview and not warned of", () => {
  const template = `Hello ${traitOutput("first_name", "friend")}`;
  expect(personalise(template, { customer: { traits: {} } }, false)).toBe("Hello friend");
  expect(personalise(template, { customer: { traits: { first_name: "Ánh" } } }, false)).toBe(
    "Hello Ánh",
  );
  expect(withoutDefault(template, traitOutput("city", ""))).toEqual(["city"]);
});
