import { http } from "./client";
import type {
  ApiKey,
  Campaign,
  CampaignInput,
  Condition,
  Customer,
  CustomerEvent,
  EmailProvider,
  EmailProviderInput,
  Member,
  Message,
  NewApiKey,
  OpenSession,
  Overview,
  Page,
  RejectedEvent,
  Role,
  SandboxMessage,
  Scope,
  Segment,
  SegmentPreview,
  Session,
  User,
  Workspace,
} from "./types";

const v1 = "/api/v1";
const id = encodeURIComponent;

export interface Paging {
  cursor?: string | null;
  limit?: number;
}

/** A template may lack a part; the console always has both. */
function whole(campaign: Campaign): Campaign {
  const { subject, html, text } = campaign.template;
  return { ...campaign, template: { subject, html: html ?? "", text: text ?? "" } };
}

async function wholePage(page: Promise<Page<Campaign>>): Promise<Page<Campaign>> {
  const { items, next_cursor } = await page;
  return { items: items.map(whole), next_cursor };
}

/** Every operation of the API that the console uses, one line each. */
export const api = {
  session: (signal?: AbortSignal) => http.get<Session>(`${v1}/session`, undefined, signal),
  signIn: (email: string, password: string) =>
    http.post<Session>(`${v1}/session`, { email, password }),
  signOut: () => http.delete<undefined>(`${v1}/session`),
  changePassword: (current: string, next: string) =>
    http.post<undefined>(`${v1}/session/password`, { current, new: next }),

  sessions: (signal?: AbortSignal) =>
    http.get<Page<OpenSession>>(`${v1}/sessions`, undefined, signal),
  revokeSession: (sessionId: string) => http.delete<undefined>(`${v1}/sessions/${id(sessionId)}`),

  overview: (signal?: AbortSignal) => http.get<Overview>(`${v1}/overview`, undefined, signal),

  events: (query: Paging & { name?: string; type?: string }, signal?: AbortSignal) =>
    http.get<Page<CustomerEvent>>(`${v1}/events`, { ...query }, signal),
  rejected: (query: Paging, signal?: AbortSignal) =>
    http.get<Page<RejectedEvent>>(`${v1}/rejected`, { ...query }, signal),

  customers: (query: Paging & { query?: string }, signal?: AbortSignal) =>
    http.get<Page<Customer>>(`${v1}/customers`, { ...query }, signal),
  customer: (customerId: string, signal?: AbortSignal) =>
    http.get<Customer>(`${v1}/customers/${id(customerId)}`, undefined, signal),
  customerEvents: (customerId: string, query: Paging, signal?: AbortSignal) =>
    http.get<Page<CustomerEvent>>(`${v1}/customers/${id(customerId)}/events`, { ...query }, signal),

  segments: (query: Paging, signal?: AbortSignal) =>
    http.get<Page<Segment>>(`${v1}/segments`, { ...query }, signal),
  segment: (segmentId: string, signal?: AbortSignal) =>
    http.get<Segment>(`${v1}/segments/${id(segmentId)}`, undefined, signal),
  createSegment: (body: { name: string; condition: Condition }) =>
    http.post<Segment>(`${v1}/segments`, body),
  updateSegment: (segmentId: string, body: { name: string; condition: Condition }) =>
    http.put<Segment>(`${v1}/segments/${id(segmentId)}`, body),
  removeSegment: (segmentId: string) => http.delete<undefined>(`${v1}/segments/${id(segmentId)}`),
  segmentMembers: (segmentId: string, query: Paging, signal?: AbortSignal) =>
    http.get<Page<Member>>(`${v1}/segments/${id(segmentId)}/members`, { ...query }, signal),
  previewSegment: (condition: Condition, signal?: AbortSignal) =>
    http.post<SegmentPreview>(`${v1}/segments/preview`, { condition }, signal),

  campaigns: (query: Paging, signal?: AbortSignal) =>
    wholePage(http.get<Page<Campaign>>(`${v1}/campaigns`, { ...query }, signal)),
  campaign: async (campaignId: string, signal?: AbortSignal) =>
    whole(await http.get<Campaign>(`${v1}/campaigns/${id(campaignId)}`, undefined, signal)),
  createCampaign: (body: CampaignInput) => http.post<Campaign>(`${v1}/campaigns`, body),
  updateCampaign: (campaignId: string, body: CampaignInput) =>
    http.put<Campaign>(`${v1}/campaigns/${id(campaignId)}`, body),
  removeCampaign: (campaignId: string) =>
    http.delete<undefined>(`${v1}/campaigns/${id(campaignId)}`),
  startCampaign: (campaignId: string) =>
    http.post<Campaign>(`${v1}/campaigns/${id(campaignId)}/start`, {}),

  messages: (
    query: Paging & { campaign_id?: string; customer_id?: string; status?: string },
    signal?: AbortSignal,
  ) => http.get<Page<Message>>(`${v1}/messages`, { ...query }, signal),
  sandboxMessages: (query: Paging & { to?: string }, signal?: AbortSignal) =>
    http.get<Page<SandboxMessage>>(`${v1}/sandbox/messages`, { ...query }, signal),

  emailProvider: (signal?: AbortSignal) =>
    http.get<EmailProvider>(`${v1}/providers/email`, undefined, signal),
  updateEmailProvider: (body: EmailProviderInput) =>
    http.put<EmailProvider>(`${v1}/providers/email`, body),

  users: (query: Paging, signal?: AbortSignal) =>
    http.get<Page<User>>(`${v1}/users`, { ...query }, signal),
  createUser: (body: { email: string; role: Role; password?: string }) =>
    http.post<User>(`${v1}/users`, body),
  updateUser: (userId: string, role: Role) => http.put<User>(`${v1}/users/${id(userId)}`, { role }),
  removeUser: (userId: string) => http.delete<undefined>(`${v1}/users/${id(userId)}`),

  keys: (query: Paging, signal?: AbortSignal) =>
    http.get<Page<ApiKey>>(`${v1}/keys`, { ...query }, signal),
  createKey: (body: { name: string; scope: Scope }) => http.post<NewApiKey>(`${v1}/keys`, body),
  removeKey: (keyId: string) => http.delete<undefined>(`${v1}/keys/${id(keyId)}`),

  workspace: (signal?: AbortSignal) => http.get<Workspace>(`${v1}/workspace`, undefined, signal),
  updateWorkspace: (body: { name: string; time_zone: string }) =>
    http.put<Workspace>(`${v1}/workspace`, body),
};
