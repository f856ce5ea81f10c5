import { answer, client } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];
type Signal = AbortSignal | undefined;
const abort = (signal: Signal) => (signal ? { signal } : {});

export type Explanation = Schemas["SegmentExplanation"];
export type ExplainedNode = Explanation["nodes"][number];
export type Movement = Schemas["SegmentChangePage"]["items"][number];
export type Overlap = Schemas["SegmentOverlap"];

/** What the segment engine knows beyond who is in: why, since when, and beside whom. */
export const insight = {
  explain: (id: string, customer: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/segments/{id}/explain", {
        params: { path: { id }, query: { customer } },
        ...abort(signal),
      }),
    ),
  sizes: (id: string, unit: "hour" | "day", from: string, to: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/segments/{id}/sizes", {
        params: { path: { id }, query: { unit, from, to } },
        ...abort(signal),
      }),
    ),
  /** Who entered and left, with the cause, between two moments. */
  changes: (
    id: string,
    query: { from: string; to: string; limit?: number; cursor?: string },
    signal?: Signal,
  ) =>
    answer(
      client.GET("/api/v1/segments/{id}/changes", {
        params: { path: { id }, query },
        ...abort(signal),
      }),
    ),
  uses: (id: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/segments/{id}/uses", { params: { path: { id } }, ...abort(signal) }),
    ),
  overlap: (segment_ids: string[], signal?: Signal) =>
    answer(client.POST("/api/v1/segments/overlap", { body: { segment_ids }, ...abort(signal) })),
};
