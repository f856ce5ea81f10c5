import { useEffect, useState } from "react";
import type { CampaignInput } from "@/api/types";

const saveAfterMs = 400;

function read(key: string): CampaignInput | null {
  try {
    const value = JSON.parse(sessionStorage.getItem(key) ?? "null") as CampaignInput | null;
    return value && typeof value.name === "string" && typeof value.template?.html === "string"
      ? value
      : null;
  } catch {
    return null;
  }
}

/**
 * What is typed into the composer, kept in this browser tab until it is saved or thrown away: a
 * reload, a lost
 * session or a restarted server costs nothing.
 */
export function useKeptDraft(campaignId: string | null, initial: CampaignInput) {
  const key = `rapport.campaign.${campaignId ?? "new"}`;
  const [found] = useState(() => read(key));
  const restorable = found !== null && JSON.stringify(found) !== JSON.stringify(initial);
  const [draft, setDraft] = useState<CampaignInput>(() =>
    found ? { ...found, segment_id: initial.segment_id || found.segment_id } : initial,
  );
  const [restored, setRestored] = useState(restorable);
  useEffect(() => {
    const timer = setTimeout(() => {
      try {
        if (JSON.stringify(draft) === JSON.stringify(initial)) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, JSON.stringify(draft));
      } catch {
        // Full or forbidden storage: the draft then lives as long as the page.
      }
    }, saveAfterMs);
    return () => clearTimeout(timer);
  }, [draft, initial, key]);
  return {
    draft,
    setDraft,
    restored,
    discard: () => {
      setDraft(initial);
      setRestored(false);
    },
    forget: () => {
      try {
        sessionStorage.removeItem(key);
      } catch {
        // Nothing was kept then.
      }
    },
  };
}
