import {
  type CountDraft,
  type Draft,
  type FilterDraft,
  type NamesDraft,
  readLength,
  type TestDraft,
  type WindowDraft,
} from "./condition";
import { operandOf } from "./language";

const named = (text: string) => text.trim() !== "";
const given = (value: unknown) => value !== "" && value !== undefined;

function testComplete(test: TestDraft): boolean {
  if (!named(test.path)) return false;
  const [first, second] = test.values;
  switch (operandOf(test.op)) {
    case "none":
      return true;
    case "list":
      return test.values.some(given);
    case "pair":
      return given(first) && given(second);
    case "length":
    case "days":
      return readLength(String(first ?? "")) !== null;
    case "period":
    case "one":
      return given(first);
  }
}

const namesComplete = (names: NamesDraft) => names.names.length > 0 && names.names.every(named);
const filterComplete = (filter: FilterDraft) =>
  namesComplete(filter.names) && filter.where.every(testComplete);
const countsComplete = (counts: CountDraft[]) =>
  counts.every((count) => count.op !== "between" || count.upper >= count.value);

function windowComplete(window: WindowDraft): boolean {
  switch (window.kind) {
    case "ever":
      return true;
    case "within":
    case "older_than":
      return readLength(window.length) !== null;
    case "between":
      return Date.parse(window.to) > Date.parse(window.from);
    case "between_ago":
      return readLength(window.from) !== null && readLength(window.to) !== null;
    case "in_period":
      return named(window.period);
  }
}

/** Whether nothing is left open: every name and value given, no empty group below the root. */
export function isComplete(draft: Draft, isRoot = true): boolean {
  switch (draft.kind) {
    case "group":
      if (draft.children.length === 0) return isRoot && draft.op === "all";
      return draft.children.every((child) => isComplete(child, false));
    case "trait":
      return testComplete(draft.test);
    case "event":
      return (
        filterComplete(draft) &&
        windowComplete(draft.window) &&
        countsComplete(draft.counts) &&
        draft.aggregates.every(
          (a) => named(a.property) && a.tests.length > 0 && countsComplete(a.tests),
        ) &&
        (!draft.occurrence ||
          (windowComplete(draft.occurrence.window) && draft.occurrence.where.every(testComplete)))
      );
    case "absence":
      return (
        filterComplete(draft) &&
        windowComplete(draft.window) &&
        filterComplete(draft.absent) &&
        readLength(draft.within) !== null
      );
    case "sequence":
      return (
        draft.steps.length >= 2 &&
        windowComplete(draft.window) &&
        draft.steps.every(
          (step) =>
            filterComplete(step) &&
            (step.maxGap === null || readLength(step.maxGap) !== null) &&
            (!step.without || filterComplete(step.without)),
        )
      );
    case "message":
      return windowComplete(draft.window) && countsComplete(draft.counts);
    case "segment":
    case "list":
      return named(draft.id);
    case "topic":
      return named(draft.topic);
    case "place":
      return named(draft.location) && (draft.near ? draft.near.km > 0 : draft.inside.length >= 3);
    case "bucket":
      return named(draft.salt) && draft.to > draft.from;
  }
}
