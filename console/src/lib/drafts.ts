import { useCallback, useEffect, useRef, useState } from "react";
import { draftKey, readDraft, writeDraft } from "./draftStore";
import { useSession } from "./session";

const saveAfterMs = 300;

/**
 * Keeps what is typed into the form named `form` in this browser, per workspace and user, until
 * `forget`: a reload, an ended session, or a restarted server costs nothing. `found` is what was
 * kept when the page opened. Never give it a password.
 */
export function useDraft<T>(form: string) {
  const session = useSession().data;
  const key = draftKey(session?.workspace.id ?? "", session?.user.id ?? "", form);
  const [found] = useState(() => readDraft(localStorage, key, Date.now()) as T | null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pending = useRef<T | null>(null);

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    if (pending.current !== null) writeDraft(localStorage, key, pending.current, Date.now());
    pending.current = null;
  }, [key]);
  const keep = useCallback(
    (values: T) => {
      pending.current = values;
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, saveAfterMs);
    },
    [flush],
  );
  const forget = useCallback(() => {
    pending.current = null;
    clearTimeout(timer.current);
    writeDraft(localStorage, key, null, Date.now());
  }, [key]);

  useEffect(() => {
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [flush]);
  return { found, keep, forget };
}
