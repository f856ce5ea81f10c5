/** What the API takes and answers, by the words of the API itself. */

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type Role = "owner" | "admin" | "marketer" | "agent" | "analyst" | "viewer";
export type Scope = "ingest" | "read" | "admin";

export interface Session {
  user: { id: string; email: string; role: Role };
  workspace: { id: string; name: string };
  csrf_token: string;
}

export interface Identifier {
  kind: string;
  value: string;
  linked_at: string;
  reason: string;
  message_id: string | null;
}

export interface Customer {
  id: string;
  identifiers: Identifier[];
  traits: JsonObject;
  first_seen: string | null;
  last_seen: string | null;
  event_count: number;
  merged_from: string[];
}

export type EventType = "track" | "identify" | "page" | "screen" | "group" | "alias";

export interface CustomerEvent {
  offset: number;
  message_id: string;
  type: EventType;
  name: string | null;
  customer_id: string | null;
  user_id: string | null;
  customer_label: string | null;
  anonymous_id: string | null;
  timestamp: string;
  received_at: string;
  original_timestamp: string | null;
  sent_at: string | null;
  properties: JsonObject;
  traits: JsonObject;
  context: JsonObject;
}

export interface RejectedEvent {
  id: string;
  received_at: string;
  reason: string;
  field: string | null;
  message_id: string | null;
  raw: string;
}

export type Operator =
  | "eq"
  | "ne"
  | "in"
  | "not_in"
  | "gt"
  | "gte"
  | "lt"
  | "lte"
  | "exists"
  | "not_exists"
  | "contains"
  | "not_contains";
export type CountOperator = "eq" | "ne" | "gt" | "gte" | "lt" | "lte";

export interface PropertyCondition {
  property: string;
  op: Operator;
  value?: Json;
}

export interface EventCondition {
  event: string;
  count?: Partial<Record<CountOperator, number>>;
  within?: string;
  where?: PropertyCondition[];
}

export interface TraitCondition {
  trait: string;
  op: Operator;
  value?: Json;
}

export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | TraitCondition
  | EventCondition;

export interface Segment {
  id: string;
  name: string;
  condition: Condition;
  created_at: string;
  updated_at: string;
  count?: number;
}

export interface Member {
  id: string;
  traits: JsonObject;
  email?: string | null;
}

export interface SegmentPreview {
  count: number;
  sample: Member[];
}

export type CampaignStatus = "draft" | "starting" | "sending" | "done";

export interface Template {
  subject: string;
  html: string;
  text: string;
}

export interface CampaignInput {
  name: string;
  segment_id: string;
  channel: "email";
  from: string;
  template: Template;
}

export interface Campaign extends CampaignInput {
  id: string;
  status: CampaignStatus;
  audience: number;
  sent: number;
  failed: number;
  skipped: number;
  opened: number;
  clicked: number;
  unsubscribed: number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export type MessageStatus =
  | "queued"
  | "sent"
  | "failed"
  | "skipped"
  | "opened"
  | "clicked"
  | "unsubscribed"
  | "delivered"
  | "bounced"
  | "complained"
  | "replied";

export interface Message {
  id: string;
  campaign_id: string;
  customer_id: string;
  channel: string;
  address: string;
  subject: string;
  status: MessageStatus;
  history: { status: MessageStatus; at: string; detail: string | null }[];
}

export interface SandboxMessage {
  id: string;
  message_id: string;
  from: string;
  to: string;
  subject: string;
  html: string;
  text: string;
  raw: string;
  sent_at: string;
}

export interface EmailProvider {
  type: "sandbox" | "smtp";
  host: string;
  port: number;
  security: "none" | "starttls" | "tls";
  username: string;
  /** A file of certificates on the server, when the usual ones do not do. */
  ca_file: string;
  password_set: boolean;
}

export type EmailProviderInput = Omit<EmailProvider, "password_set"> & { password?: string };

export interface User {
  id: string;
  email: string;
  role: Role;
  created_at: string;
  last_sign_in_at: string | null;
  /** Generated, and only in the answer to the user's creation. */
  password?: string;
}

export interface ApiKey {
  id: string;
  name: string;
  scope: Scope;
  prefix: string;
  created_at: string;
  last_used_at: string | null;
}

export interface OpenSession {
  id: string;
  current: boolean;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  user_agent: string;
  ip: string;
}

export interface NewApiKey extends ApiKey {
  key: string;
}

export interface Workspace {
  id?: string;
  name: string;
  time_zone: string;
}

export interface Overview {
  customers: number;
  events: number;
  segments: number;
  campaigns: number;
  messages: { sent: number; opened: number; clicked: number; unsubscribed: number };
  log_end: number;
  applied: number;
}

export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { field: string; message: string }[];
}
