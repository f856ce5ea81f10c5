import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { api } from "@/api/operations";
import type { JsonObject } from "@/api/types";
import { useRested } from "@/lib/address";
import type { Plan } from "./plan";
import { useAudience } from "./useAudience";
import { displayName, emailOf, nameFromTraits } from "@/lib/people";

/** Somebody whom the preview may be shown as. */
export interface Reader {
  id: string;
  name: string;
  email: string;
  traits: JsonObject;
}

const nobody: Reader = { id: "", name: "", email: "", traits: {} };

/**
 * Who reads the preview: the customer of the address, else the first of the audience. `typed` finds
 * any customer; without it the audience is offered.
 */
export function useReader(plan: Plan, typed = "") {
  const [search, setSearch] = useSearchParams();
  const chosen = search.get("as") ?? "";
  const rested = useRested(typed.trim(), 200);
  const members = useAudience(plan);
  const found = useQuery({
    queryKey: ["customers", "reader", rested],
    queryFn: ({ signal }) => api.customers({ query: rested, limit: 20 }, signal),
    enabled: rested !== "",
    placeholderData: keepPreviousData,
  });
  const asked = useQuery({
    queryKey: ["customer", chosen],
    queryFn: ({ signal }) => api.customer(chosen, signal),
    enabled: chosen !== "",
    staleTime: 60_000,
  });
  const audience = (members.data?.sample ?? []).map((member): Reader => ({
    id: member.id,
    name: nameFromTraits(member.traits) || (member.email ?? member.id),
    email: member.email ?? "",
    traits: member.traits,
  }));
  const offered = rested
    ? (found.data?.items ?? []).map((customer): Reader => ({
        id: customer.id,
        name: displayName(customer) || customer.id,
        email: emailOf(customer),
        traits: customer.traits,
      }))
    : audience;
  const known: Reader | undefined = asked.data && {
    id: asked.data.id,
    name: displayName(asked.data) || asked.data.id,
    email: emailOf(asked.data),
    traits: asked.data.traits,
  };
  return {
    person: (chosen && known) || audience[0] || nobody,
    offered,
    choose: (id: string) =>
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          if (id) after.set("as", id);
          else after.delete("as");
          return after;
        },
        { replace: true },
      ),
  };
}
