import { answer, client, send } from "./client";
import type { components, paths } from "./generated/schema";
import type {
  Campaign,
  CampaignInput,
  Condition,
  ConsentChange,
  EmailProviderInput,
  PermissionSettings,
  Role,
  Scope,
  Session,
  ImportJob,
  SetupRequest,
  WorkspaceUpdate,
  SuppressionInput,
  TopicInput,
} from "./types";

/** The query of a list: what the document says of it; null and "" are left out. */
type Query<Path extends keyof paths> = paths[Path] extends {
  get: { parameters: { query?: infer Q } };
}
  ? { [Name in keyof NonNullable<Q>]?: NonNullable<Q>[Name] | null }
  : never;

function query<T extends object>(given: T) {
  return given as { [Name in keyof T]: Exclude<T[Name], null> };
}

type Signal = AbortSignal | undefined;
const abort = (signal: Signal) => (signal ? { signal } : {});

function whole(campaign: components["schemas"]["Campaign"]): Campaign {
  const { subject, html, text } = campaign.template;
  return { ...campaign, template: { subject, html: html ?? "", text: text ?? "" } };
}

/** Every operation of the API that the console uses, one entry each. */
export const api = {
  setup: (signal?: Signal) => answer(client.GET("/api/v1/setup", abort(signal))),
  setUp: (body: SetupRequest) => answer(client.POST("/api/v1/setup", { body })),

  session: (signal?: Signal) =>
    answer(client.GET("/api/v1/session", abort(signal))) as Promise<Session>,
  signIn: (email: string, password: string) =>
    answer(client.POST("/api/v1/session", { body: { email, password } })) as Promise<Session>,
  signOut: () => answer(client.DELETE("/api/v1/session")),
  changePassword: (current: string, next: string) =>
    answer(client.POST("/api/v1/session/password", { body: { current, new: next } })),

  sessions: (signal?: Signal) => answer(client.GET("/api/v1/sessions", abort(signal))),
  revokeSession: (id: string) =>
    answer(client.DELETE("/api/v1/sessions/{id}", { params: { path: { id } } })),

  activity: (days: number, signal?: Signal) =>
    answer(
      client.GET("/api/v1/overview/activity", { params: { query: { days } }, ...abort(signal) }),
    ),
  system: (signal?: Signal) => answer(client.GET("/api/v1/system", abort(signal))),
  overview: (signal?: Signal) => answer(client.GET("/api/v1/overview", abort(signal))),

  events: (given: Query<"/api/v1/events">, signal?: Signal) =>
    answer(client.GET("/api/v1/events", { params: { query: query(given) }, ...abort(signal) })),
  rejected: (given: Query<"/api/v1/rejected">, signal?: Signal) =>
    answer(client.GET("/api/v1/rejected", { params: { query: query(given) }, ...abort(signal) })),

  imports: (given: Query<"/api/v1/imports">, signal?: Signal) =>
    answer(client.GET("/api/v1/imports", { params: { query: query(given) }, ...abort(signal) })),
  import: (id: string, signal?: Signal) =>
    answer(client.GET("/api/v1/imports/{id}", { params: { path: { id } }, ...abort(signal) })),
  createImport: (body: { file_name: string; size: number }) =>
    answer(client.POST("/api/v1/imports", { body })),
  /** One part of the file as it is; the document knows no bodies but JSON. */
  uploadImport: async (id: string, offset: number, part: Blob, signal?: Signal) => {
    const address = `${window.location.origin}/api/v1/imports/${id}/content?offset=${offset}`;
    const headers = { "Content-Type": "application/octet-stream" };
    const request = new Request(address, { method: "PUT", body: part, headers, ...abort(signal) });
    return (await (await send(request)).json()) as ImportJob;
  },
  importSample: (id: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/imports/{id}/sample", { params: { path: { id } }, ...abort(signal) }),
    ),
  previewImport: (id: string, mapping: Record<string, unknown>, signal?: Signal) =>
    answer(
      client.POST("/api/v1/imports/{id}/preview", {
        params: { path: { id } },
        body: { mapping },
        ...abort(signal),
      }),
    ),
  startImport: (id: string, mapping: Record<string, unknown>) =>
    answer(
      client.POST("/api/v1/imports/{id}/start", { params: { path: { id } }, body: { mapping } }),
    ),
  cancelImport: (id: string) =>
    answer(client.POST("/api/v1/imports/{id}/cancel", { params: { path: { id } } })),
  removeImport: (id: string) =>
    answer(client.DELETE("/api/v1/imports/{id}", { params: { path: { id } } })),
  /** Sends events again or for the first time, as an import does. */
  importEvents: (events: Record<string, unknown>[]) =>
    answer(
      client.POST("/api/v1/import", {
        params: { query: { wait: true } },
        body: { batch: events } as never,
      }),
    ),

  customers: (given: Query<"/api/v1/customers">, signal?: Signal) =>
    answer(client.GET("/api/v1/customers", { params: { query: query(given) }, ...abort(signal) })),
  customer: (id: string, signal?: Signal) =>
    answer(client.GET("/api/v1/customers/{id}", { params: { path: { id } }, ...abort(signal) })),
  customerEvents: (id: string, given: Query<"/api/v1/customers/{id}/events">, signal?: Signal) =>
    answer(
      client.GET("/api/v1/customers/{id}/events", {
        params: { path: { id }, query: query(given) },
        ...abort(signal),
      }),
    ),

  segments: (given: Query<"/api/v1/segments">, signal?: Signal) =>
    answer(client.GET("/api/v1/segments", { params: { query: query(given) }, ...abort(signal) })),
  segment: (id: string, signal?: Signal) =>
    answer(client.GET("/api/v1/segments/{id}", { params: { path: { id } }, ...abort(signal) })),
  segmentAsOf: (id: string, as_of: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/segments/{id}", {
        params: { path: { id }, query: { as_of } },
        ...abort(signal),
      }),
    ),
  createSegment: (body: { name: string; condition: Condition }) =>
    answer(client.POST("/api/v1/segments", { body })),
  updateSegment: (id: string, body: { name: string; condition: Condition }) =>
    answer(client.PUT("/api/v1/segments/{id}", { params: { path: { id } }, body })),
  removeSegment: (id: string) =>
    answer(client.DELETE("/api/v1/segments/{id}", { params: { path: { id } } })),
  segmentMembers: (id: string, given: Query<"/api/v1/segments/{id}/members">, signal?: Signal) =>
    answer(
      client.GET("/api/v1/segments/{id}/members", {
        params: { path: { id }, query: query(given) },
        ...abort(signal),
      }),
    ),
  previewSegment: (condition: Condition, signal?: Signal) =>
    answer(client.POST("/api/v1/segments/preview", { body: { condition }, ...abort(signal) })),
  /** With the condition as a sentence in `language`, and what the question cost. */
  previewInWords: (condition: Condition, language: string, accept_cost: boolean, signal?: Signal) =>
    answer(
      client.POST("/api/v1/segments/preview", {
        params: { query: { language } },
        body: { condition, accept_cost },
        ...abort(signal),
      }),
    ),

  campaigns: async (given: Query<"/api/v1/campaigns">, signal?: Signal) => {
    const page = await answer(
      client.GET("/api/v1/campaigns", { params: { query: query(given) }, ...abort(signal) }),
    );
    return { ...page, items: page.items.map(whole) };
  },
  campaign: async (id: string, signal?: Signal) =>
    whole(
      await answer(
        client.GET("/api/v1/campaigns/{id}", { params: { path: { id } }, ...abort(signal) }),
      ),
    ),
  createCampaign: async (body: CampaignInput) =>
    whole(await answer(client.POST("/api/v1/campaigns", { body }))),
  updateCampaign: async (id: string, body: CampaignInput) =>
    whole(await answer(client.PUT("/api/v1/campaigns/{id}", { params: { path: { id } }, body }))),
  removeCampaign: (id: string) =>
    answer(client.DELETE("/api/v1/campaigns/{id}", { params: { path: { id } } })),
  startCampaign: async (id: string) =>
    whole(await answer(client.POST("/api/v1/campaigns/{id}/start", { params: { path: { id } } }))),

  messages: (given: Query<"/api/v1/messages">, signal?: Signal) =>
    answer(client.GET("/api/v1/messages", { params: { query: query(given) }, ...abort(signal) })),
  message: (id: string, signal?: Signal) =>
    answer(client.GET("/api/v1/messages/{id}", { params: { path: { id } }, ...abort(signal) })),
  messageContent: (id: string, signal?: Signal) =>
    answer(
      client.GET("/api/v1/messages/{id}/content", { params: { path: { id } }, ...abort(signal) }),
    ),
  sandboxMessages: (given: Query<"/api/v1/sandbox/messages">, signal?: Signal) =>
    answer(
      client.GET("/api/v1/sandbox/messages", {
        params: { query: query(given) },
        ...abort(signal),
      }),
    ),

  topics: (signal?: Signal) => answer(client.GET("/api/v1/topics", abort(signal))),
  createTopic: (body: TopicInput) => answer(client.POST("/api/v1/topics", { body })),
  updateTopic: (id: string, body: TopicInput) =>
    answer(client.PUT("/api/v1/topics/{id}", { params: { path: { id } }, body })),
  archiveTopic: (id: string) =>
    answer(client.DELETE("/api/v1/topics/{id}", { params: { path: { id } } })),
  consent: (id: string, given: Query<"/api/v1/customers/{id}/consent">, signal?: Signal) =>
    answer(
      client.GET("/api/v1/customers/{id}/consent", {
        params: { path: { id }, query: query(given) },
        ...abort(signal),
      }),
    ),
  changeConsent: (id: string, body: ConsentChange) =>
    answer(client.POST("/api/v1/customers/{id}/consent", { params: { path: { id } }, body })),
  suppressions: (given: Query<"/api/v1/suppressions">, signal?: Signal) =>
    answer(
      client.GET("/api/v1/suppressions", { params: { query: query(given) }, ...abort(signal) }),
    ),
  addSuppression: (body: SuppressionInput) => answer(client.POST("/api/v1/suppressions", { body })),
  removeSuppression: (body: { channel: string; address: string }) =>
    answer(client.POST("/api/v1/suppressions/remove", { body })),
  forgetSuppression: (body: { channel: string; address: string }) =>
    answer(client.POST("/api/v1/suppressions/forget", { body })),
  permissionSettings: (signal?: Signal) =>
    answer(client.GET("/api/v1/settings/permission", abort(signal))),
  updatePermissionSettings: (body: PermissionSettings) =>
    answer(client.PUT("/api/v1/settings/permission", { body })),

  emailProvider: (signal?: Signal) => answer(client.GET("/api/v1/providers/email", abort(signal))),
  updateEmailProvider: (body: EmailProviderInput) =>
    answer(client.PUT("/api/v1/providers/email", { body })),

  testEmailProvider: (body: { from: string; to: string }) =>
    answer(client.POST("/api/v1/providers/email/test", { body })),

  users: (given: Query<"/api/v1/users">, signal?: Signal) =>
    answer(client.GET("/api/v1/users", { params: { query: query(given) }, ...abort(signal) })),
  createUser: (body: { email: string; role: Role; password?: string }) =>
    answer(client.POST("/api/v1/users", { body })),
  updateUser: (id: string, role: Role) =>
    answer(client.PUT("/api/v1/users/{id}", { params: { path: { id } }, body: { role } })),
  removeUser: (id: string) =>
    answer(client.DELETE("/api/v1/users/{id}", { params: { path: { id } } })),

  keys: (given: Query<"/api/v1/keys">, signal?: Signal) =>
    answer(client.GET("/api/v1/keys", { params: { query: query(given) }, ...abort(signal) })),
  createKey: (body: { name: string; scope: Scope }) =>
    answer(client.POST("/api/v1/keys", { body })),
  removeKey: (id: string) =>
    answer(client.DELETE("/api/v1/keys/{id}", { params: { path: { id } } })),

  workspace: (signal?: Signal) => answer(client.GET("/api/v1/workspace", abort(signal))),
  updateWorkspace: (body: WorkspaceUpdate) => answer(client.PUT("/api/v1/workspace", { body })),
};
