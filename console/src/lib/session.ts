import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ApiError, setCsrfToken, setSessionEndHandler } from "@/api/client";
import { api } from "@/api/operations";
import type { Session } from "@/api/types";
import { forgetDrafts } from "./draftStore";

const sessionKey = ["session"];

/** The signed-in user, or null when nobody is. */
export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        const session = await api.session(signal);
        setCsrfToken(session.csrf_token);
        return session;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Infinity,
    gcTime: Infinity,
  });
}

let ended = false;
const listeners = new Set<() => void>();

function setEnded(value: boolean): void {
  if (ended === value) return;
  ended = value;
  listeners.forEach((listener) => listener());
}

setSessionEndHandler(() => setEnded(true));

/** True once the server has refused our session although somebody was signed in here. */
export function useSessionEnded(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ended,
  );
}

export function useSessionActions() {
  const client = useQueryClient();
  return {
    signIn: async (email: string, password: string): Promise<void> => {
      const before = client.getQueryData<Session | null>(sessionKey);
      const session = await api.signIn(email, password);
      setCsrfToken(session.csrf_token);
      if (before && before.user.id !== session.user.id) client.clear();
      client.setQueryData(sessionKey, session);
      setEnded(false);
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
    },
    signOut: async (): Promise<void> => {
      try {
        await api.signOut();
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 401)) throw error;
      }
      setCsrfToken("");
      setEnded(false);
      forgetDrafts();
      client.clear();
      client.setQueryData(sessionKey, null);
    },
  };
}

/** What a role or a key may be allowed to do, as the API names it. */
export type Permission = Session["permissions"][number];

/**
 * Whether the signed-in user may do this. The server decides; this only keeps refusals out of
 * sight.
 */
export function useCan(permission: Permission): boolean {
  return useSession().data?.permissions.includes(permission) ?? false;
}
