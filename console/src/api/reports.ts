import { answer, client } from "./client";
import type { components } from "./generated/schema";

type Signal = AbortSignal | undefined;
const at = (id: string) => ({ params: { path: { id } } });

export type CampaignReport = components["schemas"]["CampaignReport"];

/** What became of a campaign, and what may be done while it is being sent. */
export const reports = {
  campaign: (id: string, signal?: Signal) =>
    answer(client.GET("/api/v1/campaigns/{id}/report", { ...at(id), ...(signal && { signal }) })),
  lists: (signal?: Signal) =>
    answer(
      client.GET("/api/v1/lists", { params: { query: { limit: 500 } }, ...(signal && { signal }) }),
    ),
  pause: (id: string) => answer(client.POST("/api/v1/campaigns/{id}/pause", at(id))),
  resume: (id: string) => answer(client.POST("/api/v1/campaigns/{id}/resume", at(id))),
  cancel: (id: string) => answer(client.POST("/api/v1/campaigns/{id}/cancel", at(id))),
  resend: (id: string, subject: string) =>
    answer(client.POST("/api/v1/campaigns/{id}/resend", { ...at(id), body: { subject } })),
  controlGroup: (signal?: Signal) =>
    answer(client.GET("/api/v1/control-group", { ...(signal && { signal }) })),
  setControlGroup: (percent: number) =>
    answer(client.PUT("/api/v1/control-group", { body: { percent } })),
};

/** Where the browser fetches every recipient with what became of their message. */
export const recipientsAddress = (id: string) =>
  `/api/v1/campaigns/${encodeURIComponent(id)}/recipients.csv`;
