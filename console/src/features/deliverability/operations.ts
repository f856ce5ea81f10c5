import { answer, client } from "@/api/client";
import type { components } from "@/api/generated/schema";

export type Provider = components["schemas"]["MailProvider"];
export type ProviderInput = components["schemas"]["MailProviderInput"];
export type SendingDomain = components["schemas"]["SendingDomain"];
export type RecordCheck = components["schemas"]["DnsRecordCheckList"]["items"][number];

export type Hook = components["schemas"]["ProviderHook"];
export type HookInput = components["schemas"]["ProviderHookInput"];
export type Mailbox = components["schemas"]["InboundMailbox"];
export type MailboxInput = components["schemas"]["InboundMailboxInput"];

type Signal = AbortSignal | undefined;
const abort = (signal: Signal) => (signal ? { signal } : {});

export const deliverability = {
  providers: (signal?: Signal) => answer(client.GET("/api/v1/providers", abort(signal))),
  createProvider: (body: ProviderInput) => answer(client.POST("/api/v1/providers", { body })),
  updateProvider: (id: string, body: ProviderInput) =>
    answer(client.PUT("/api/v1/providers/{id}", { params: { path: { id } }, body })),
  removeProvider: (id: string) =>
    answer(client.DELETE("/api/v1/providers/{id}", { params: { path: { id } } })),

  domains: (signal?: Signal) => answer(client.GET("/api/v1/sending-domains", abort(signal))),
  createDomain: (domain: string, returnDomain: string) =>
    answer(
      client.POST("/api/v1/sending-domains", {
        body: returnDomain ? { domain, return_domain: returnDomain } : { domain },
      }),
    ),
  removeDomain: (domain: string) =>
    answer(client.DELETE("/api/v1/sending-domains/{domain}", { params: { path: { domain } } })),
  checkDomain: (domain: string) =>
    answer(client.POST("/api/v1/sending-domains/{domain}/check", { params: { path: { domain } } })),

  hooks: (signal?: Signal) => answer(client.GET("/api/v1/provider-hooks", abort(signal))),
  putHook: (provider: string, body: HookInput) =>
    answer(
      client.PUT("/api/v1/provider-hooks/{provider}", { params: { path: { provider } }, body }),
    ),
  removeHook: (provider: string) =>
    answer(client.DELETE("/api/v1/provider-hooks/{provider}", { params: { path: { provider } } })),

  mailboxes: (signal?: Signal) => answer(client.GET("/api/v1/inbound-mailboxes", abort(signal))),
  createMailbox: (body: MailboxInput) => answer(client.POST("/api/v1/inbound-mailboxes", { body })),
  removeMailbox: (id: string) =>
    answer(client.DELETE("/api/v1/inbound-mailboxes/{id}", { params: { path: { id } } })),
};
