import { answer, client } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type CustomerValue = Schemas["CustomerValue"];
export type TraitFact = Schemas["CustomerTraitPage"]["items"][number];
export type VocabularyName = Schemas["VocabularyNames"]["items"][number];
export type VocabularyValue = Schemas["VocabularyValues"]["items"][number];

type Signal = AbortSignal | undefined;
const abort = (signal: Signal) => (signal ? { signal } : {});
const offered = 30;

/** What the pages of customers and the condition builder ask beyond the lists of records. */
export const audience = {
  value: (id: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/customers/{id}/value", { params: { path: { id } }, ...abort(signal) }),
    ),
  traits: (id: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/customers/{id}/traits", {
        params: { path: { id }, query: { limit: 1000 } },
        ...abort(signal),
      }),
    ),
  traitNames: (prefix: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/vocabulary/traits", {
        params: { query: { prefix, limit: offered } },
        ...abort(signal),
      }),
    ),
  eventNames: (prefix: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/vocabulary/events", {
        params: { query: { prefix, limit: offered } },
        ...abort(signal),
      }),
    ),
  propertyNames: (event: string, prefix: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/vocabulary/properties", {
        params: { query: { event, prefix, limit: offered } },
        ...abort(signal),
      }),
    ),
  values: (
    of: { trait: string } | { event: string; property: string },
    prefix: string,
    signal?: Signal,
  ) =>
    answer(
      client.GET("/api/v1/vocabulary/values", {
        params: { query: { ...of, prefix, limit: offered } },
        ...abort(signal),
      }),
    ),
};

/** Where the browser fetches the customers of a filter as a file. */
export function exportAddress(query: string, segmentId: string, columns: string[]): string {
  const search = new URLSearchParams();
  if (query) search.set("query", query);
  if (segmentId) search.set("segment_id", segmentId);
  if (columns.length > 0) search.set("columns", columns.join(","));
  return `/api/v1/customers/export?${search.toString()}`;
}
