import { answer, client } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];
export type Content = Schemas["Content"];
export type ContentInput = Schemas["ContentInput"];
export type ContentVariant = Content["variants"][number];
export type ContentVersion = Schemas["ContentVersionPage"]["items"][number];
export type ContentDifference = Schemas["ContentComparison"]["differences"][number];
export type ContentUse = Schemas["ContentUses"]["items"][number];
export type ContentPreview = Schemas["ContentPreview"];
export type Finding = Schemas["ContentCheck"]["findings"][number];
export type Brand = Schemas["Brand"];
export type Picture = Schemas["Image"];
export type ContentKind = "templates" | "content-blocks" | "layouts";

type Signal = AbortSignal | undefined;
const abort = (signal: Signal) => (signal ? { signal } : {});
/** The three kinds answer alike, so one set of operations serves them. */
const base = (kind: ContentKind) => `/api/v1/${kind}` as "/api/v1/templates";
const one = (kind: ContentKind) => `/api/v1/${kind}/{id}` as "/api/v1/templates/{id}";

type Restore = `/api/v1/templates/{id}/versions/{version}/restore`;
const restoreOf = (kind: ContentKind) => `${one(kind)}/versions/{version}/restore` as Restore;

/** Templates, content blocks, layouts, brand and pictures. */
export const contentApi = {
  list: (kind: ContentKind, query: { cursor?: string; limit?: number }, signal?: Signal) =>
    answer(client.GET(base(kind), { params: { query }, ...abort(signal) })),
  get: (kind: ContentKind, id: string, signal?: Signal) =>
    answer(client.GET(one(kind), { params: { path: { id } }, ...abort(signal) })),
  create: (kind: ContentKind, body: ContentInput) => answer(client.POST(base(kind), { body })),
  update: (kind: ContentKind, id: string, body: ContentInput) =>
    answer(client.PUT(one(kind), { params: { path: { id } }, body })),
  remove: (kind: ContentKind, id: string) =>
    answer(client.DELETE(one(kind), { params: { path: { id } } })),
  versions: (kind: ContentKind, id: string, signal?: Signal) =>
    answer(
      client.GET(`${one(kind)}/versions` as "/api/v1/templates/{id}/versions", {
        params: { path: { id }, query: { limit: 100 } },
        ...abort(signal),
      }),
    ),
  compare: (kind: ContentKind, id: string, from: number, to: number, signal?: Signal) =>
    answer(
      client.GET(`${one(kind)}/diff` as "/api/v1/templates/{id}/diff", {
        params: { path: { id }, query: { from, to } },
        ...abort(signal),
      }),
    ),
  restore: (kind: ContentKind, id: string, version: number) =>
    answer(client.POST(restoreOf(kind), { params: { path: { id, version: String(version) } } })),
  uses: (kind: ContentKind, id: string, signal?: Signal) =>
    answer(
      client.GET(`${one(kind)}/uses` as "/api/v1/templates/{id}/uses", {
        params: { path: { id } },
        ...abort(signal),
      }),
    ),
  preview: (body: Schemas["ContentPreviewInput"], signal?: Signal) =>
    answer(client.POST("/api/v1/templates/preview", { body, ...abort(signal) })),
  check: (body: Schemas["ContentPreviewInput"], signal?: Signal) =>
    answer(client.POST("/api/v1/templates/check", { body, ...abort(signal) })),
  brand: (signal?: Signal) => answer(client.GET("/api/v1/brand", abort(signal))),
  saveBrand: (body: Brand) => answer(client.PUT("/api/v1/brand", { body })),
  pictures: (query: { cursor?: string; limit?: number }, signal?: Signal) =>
    answer(client.GET("/api/v1/images", { params: { query }, ...abort(signal) })),
  addPicture: (name: string, data: string) =>
    answer(client.POST("/api/v1/images", { body: { name, data } })),
  removePicture: (id: string) =>
    answer(client.DELETE("/api/v1/images/{id}", { params: { path: { id } } })),
};
