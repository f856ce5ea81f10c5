import { answer, client } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];
type Signal = AbortSignal | undefined;
const abort = (signal: Signal) => (signal ? { signal } : {});
const at = (id: string) => ({ params: { path: { id } } });

export type CustomerList = Schemas["List"];
export type ListMember = Schemas["ListMemberPage"]["items"][number];
export type ListOutcome = Schemas["ListOutcome"];
export type ListCsvOutcome = Schemas["ListCsvOutcome"];
export type AudienceUse = Schemas["AudienceUses"]["items"][number];

interface PageQuery {
  limit?: number;
  cursor?: string;
}

/** Lists: customers chosen by hand, from a file, or once from a segment. */
export const lists = {
  all: (query: PageQuery, signal?: Signal) =>
    answer(client.GET("/api/v1/lists", { params: { query }, ...abort(signal) })),
  one: (id: string, signal?: Signal) =>
    answer(client.GET("/api/v1/lists/{id}", { ...at(id), ...abort(signal) })),
  uses: (id: string, signal?: Signal) =>
    answer(client.GET("/api/v1/lists/{id}/uses", { ...at(id), ...abort(signal) })),
  members: (id: string, query: PageQuery, signal?: Signal) =>
    answer(
      client.GET("/api/v1/lists/{id}/members", {
        params: { path: { id }, query },
        ...abort(signal),
      }),
    ),
  create: (name: string) => answer(client.POST("/api/v1/lists", { body: { name } })),
  rename: (id: string, name: string) =>
    answer(client.PUT("/api/v1/lists/{id}", { ...at(id), body: { name } })),
  remove: (id: string) => answer(client.DELETE("/api/v1/lists/{id}", at(id))),
  /** By `customer_id` or any kind of identifier. */
  add: (id: string, kind: string, values: string[]) =>
    answer(client.POST("/api/v1/lists/{id}/members", { ...at(id), body: { kind, values } })),
  take: (id: string, kind: string, values: string[]) =>
    answer(client.POST("/api/v1/lists/{id}/members/remove", { ...at(id), body: { kind, values } })),
  addCsv: (id: string, kind: string, column: string, csv: string) =>
    answer(client.POST("/api/v1/lists/{id}/csv", { ...at(id), body: { kind, column, csv } })),
  addSegment: (id: string, segment_id: string) =>
    answer(client.POST("/api/v1/lists/{id}/snapshot", { ...at(id), body: { segment_id } })),
};
