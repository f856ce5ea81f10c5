import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";

/** One filter that lives in the address; setting it returns to the first page of the list. */
export function useAddressFilter(name: string): [string, (value: string) => void] {
  const [search, setSearch] = useSearchParams();
  const set = (value: string) => {
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        after.delete("cursor");
        return after;
      },
      { replace: true },
    );
  };
  return [search.get(name) ?? "", set];
}

/** A text filter that answers typing at once and reaches the address when typing rests. */
export function useTypedFilter(name: string, restMs = 250) {
  const [value, setValue] = useAddressFilter(name);
  const [typed, setTyped] = useState(value);
  const setter = useRef(setValue);
  const committed = useRef(value);
  useEffect(() => {
    setter.current = setValue;
  });
  useEffect(() => {
    if (value !== committed.current) {
      committed.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed.trim() === committed.current) return undefined;
    const timer = setTimeout(() => {
      committed.current = typed.trim();
      setter.current(typed.trim());
    }, restMs);
    return () => clearTimeout(timer);
  }, [typed, restMs]);
  return { value, typed, setTyped };
}

export interface Cursor {
  cursor: string;
  canGoBack: boolean;
  next: (cursor: string) => void;
  back: () => void;
}

/** Paging by an opaque cursor in the address; the way back is kept with the history entry. */
export function useCursor(): Cursor {
  const [search] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const cursor = search.get("cursor") ?? "";
  const trail = ((location.state as { trail?: string[] } | null)?.trail ?? []).filter(
    (item) => typeof item === "string",
  );
  const go = (to: string, state: { trail: string[] }) => {
    const after = new URLSearchParams(search);
    if (to) after.set("cursor", to);
    else after.delete("cursor");
    void navigate({ search: after.toString() }, { state });
    window.scrollTo({ top: 0 });
  };
  return {
    cursor,
    canGoBack: cursor !== "",
    next: (to) => go(to, { trail: [...trail, cursor] }),
    back: () => go(trail.at(-1) ?? "", { trail: trail.slice(0, -1) }),
  };
}

/** `value`, once it has not changed for `restMs`. */
export function useRested<T>(value: T, restMs: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value, restMs]);
  return rested;
}
