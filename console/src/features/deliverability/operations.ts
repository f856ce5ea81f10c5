import { answer, client } from "@/api/client";
import type { components } from "@/api/generated/schema";

export type Provider = components["schemas"]["MailProvider"];
export type ProviderInput = components["schemas"]["MailProviderInput"];
export type SendingDomain = components["schemas"]["SendingDomain"];
export type RecordCheck = components["schemas"]["DnsRecordCheckList"]["items"][number];

type Signal = AbortSignal | undefined;
const abort = (signal: Signal) => (signal ? { signal } : {});

export const deliverability = {
  providers: (signal?: Signal) => answer(client.GET("/api/v1/providers", abort(signal))),
  createProvider: (body: ProviderInput) => answer(client.POST("/api/v1/providers", { body })),
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
};
