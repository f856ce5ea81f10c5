// The words of the API, by short names. Nothing is described here: every type is taken from the
// OpenAPI document, so the compiler tells when the server's answer and a page part ways.
import type { components } from "./generated/schema";

type Schemas = components["schemas"];
type Item<Name extends keyof Schemas> = Schemas[Name] extends { items: (infer T)[] } ? T : never;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Json = unknown;
export type JsonObject = { [key: string]: Json };
export type Problem = Schemas["Problem"];

/** Of a signed-in user; an API key's session has no user and never reaches the console. */
export type Session = Schemas["Session"] &
  Required<Pick<Schemas["Session"], "user" | "csrf_token">>;
export type OpenSession = Item<"OpenSessionPage">;
export type User = Schemas["User"];
export type Role = User["role"];
export type ApiKey = Schemas["Key"];
export type Scope = ApiKey["scope"];
export type Workspace = Schemas["Workspace"];
export type WorkspaceUpdate = Schemas["WorkspaceUpdate"];
export type SetupRequest = Schemas["SetupRequest"];
export type Activity = Schemas["Activity"];
export type ActivityFigures = Activity["current"];
export type SystemFigures = Schemas["System"];
export type Overview = Schemas["Overview"];

export type ImportJob = Schemas["ImportJob"];
export type ImportSample = Schemas["ImportSample"];
export type ImportPreview = Schemas["ImportPreview"];

export type Customer = Schemas["Customer"];
export type Identifier = Customer["identifiers"][number];
export type CustomerEvent = Item<"EventPage">;
export type EventType = CustomerEvent["type"];
export type RejectedEvent = Item<"RejectedPage">;

export type Segment = Schemas["Segment"];
export type SegmentPreview = Schemas["SegmentPreview"];
export type Member = Item<"SegmentMemberPage">;
export type Condition = Schemas["Condition"];

/** The API lets a part be absent; the console always has both. */
export type Template = Required<NonNullable<Schemas["CampaignInput"]["template"]>>;
export type CampaignInput = Omit<Schemas["CampaignInput"], "template" | "segment_id"> & {
  template: Template;
  segment_id: string;
};
export type Campaign = Omit<Schemas["Campaign"], "template"> & { template: Template };
export type CampaignStatus = Campaign["status"];
export type Message = Item<"MessagePage">;
export type MessageStatus = Message["status"];
export type SandboxMessage = Item<"SandboxPage">;
export type EmailProvider = Schemas["EmailProvider"];
export type EmailTestResult = Schemas["EmailTestResult"];
export type EmailProviderInput = Schemas["EmailProviderInput"];

export type Topic = Schemas["Topic"];
export type TopicInput = Schemas["TopicInput"];
export type Suppression = Schemas["Suppression"];
export type SuppressionInput = Schemas["SuppressionInput"];
export type PermissionSettings = Schemas["PermissionSettings"];
export type CustomerConsent = Schemas["CustomerConsent"];
export type ConsentState = CustomerConsent["states"][number];
export type ConsentRecord = CustomerConsent["history"][number];
export type ConsentChange = Schemas["ConsentChange"];
