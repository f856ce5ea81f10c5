import { useEffect, useRef, useSyncExternalStore } from "react";
import { backoffMs } from "./backoff";

/** "stale": nothing was heard for a while, what is on the screen may be old. */
export type LiveState = "connecting" | "live" | "stale";

type Listener = (data: unknown) => void;

const silentMs = 10_000;
/** Not a topic of the server: told whenever more of the log is applied. */
const changedTopic = "changed";

const listeners = new Map<string, Set<Listener>>();
const stateListeners = new Set<() => void>();
let state: LiveState = "connecting";
let socket: WebSocket | null = null;
let attempt = 0;
let applied = -1;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let silenceTimer: ReturnType<typeof setTimeout> | undefined;

function setState(next: LiveState): void {
  if (state === next) return;
  state = next;
  stateListeners.forEach((listener) => listener());
}

function tell(topic: string, data: unknown): void {
  listeners.get(topic)?.forEach((listener) => listener(data));
}

function subscribeNow(): void {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const topics = [...listeners.keys()].filter((topic) => topic !== changedTopic);
  socket.send(JSON.stringify({ subscribe: topics }));
}

function heard(text: string): void {
  clearTimeout(silenceTimer);
  silenceTimer = setTimeout(() => {
    setState("stale");
    socket?.close();
  }, silentMs);
  const message = JSON.parse(text) as { topic?: string; data?: unknown; applied?: number };
  if (message.topic) tell(message.topic, message.data);
  else if (typeof message.applied === "number" && message.applied !== applied) {
    const first = applied < 0;
    applied = message.applied;
    if (!first) tell(changedTopic, applied);
  }
}

function connect(): void {
  clearTimeout(retryTimer);
  if (socket || listeners.size === 0) return;
  const address = new URL("/api/v1/live", window.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(address);
  socket = opened;
  opened.onopen = () => {
    attempt = 0;
    setState("live");
    subscribeNow();
  };
  opened.onmessage = (event) => heard(String(event.data));
  opened.onclose = () => {
    if (socket !== opened) return;
    socket = null;
    clearTimeout(silenceTimer);
    if (listeners.size === 0) return;
    if (attempt > 0) setState("stale");
    retryTimer = setTimeout(connect, backoffMs(attempt, Math.random()));
    attempt += 1;
  };
}

function listen(topic: string, listener: Listener): () => void {
  const known = listeners.get(topic);
  if (known) known.add(listener);
  else {
    listeners.set(topic, new Set([listener]));
    subscribeNow();
  }
  connect();
  return () => {
    const rest = listeners.get(topic);
    rest?.delete(listener);
    if (rest?.size === 0) {
      listeners.delete(topic);
      if (listeners.size > 0) subscribeNow();
      else closeLive();
    }
  };
}

function closeLive(): void {
  clearTimeout(retryTimer);
  clearTimeout(silenceTimer);
  const closing = socket;
  socket = null;
  closing?.close();
  applied = -1;
}

window.addEventListener("online", () => {
  attempt = 0;
  connect();
});
window.addEventListener("offline", () => {
  if (listeners.size > 0) setState("stale");
});

/** Calls `hear` with what the server tells of a topic: "events", "counts", "campaigns", … */
export function useLive(topic: string, hear: (data: unknown) => void, enabled = true): void {
  const latest = useRef(hear);
  useEffect(() => {
    latest.current = hear;
  });
  useEffect(
    () => (enabled ? listen(topic, (data) => latest.current(data)) : undefined),
    [topic, enabled],
  );
}

/** Calls `refresh` when anything changed on the server, at most once a `restMs`. */
export function useLiveChanges(refresh: () => void, restMs = 1_000, enabled = true): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(refresh);
  useEffect(() => {
    latest.current = refresh;
  });
  useLive(
    changedTopic,
    () => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        latest.current();
      }, restMs);
    },
    enabled,
  );
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    () => state,
  );
}
