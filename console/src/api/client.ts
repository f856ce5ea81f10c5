import type { Problem } from "./types";

/** A refusal or a failure of the API. `status` is 0 when no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly retryAfterSeconds: number | null,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
  }

  get requestId(): string | undefined {
    return this.problem.request_id;
  }

  get code(): string | undefined {
    return this.problem.code;
  }

  /** What the server says about single fields, by the field's path. */
  get fields(): { field: string; message: string }[] {
    return this.problem.errors ?? [];
  }
}

type Query = Record<string, string | number | boolean | null | undefined>;

interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

let csrfToken = "";
let onSessionEnd: () => void = () => undefined;

/** Keeps the token that every changing request must carry. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called when the server no longer knows our session. */
export function setSessionEndHandler(handler: () => void): void {
  onSessionEnd = handler;
}

function address(path: string, query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = { status: response.status, title: response.statusText };
  const requestId = response.headers.get("x-request-id");
  if (requestId) fallback.request_id = requestId;
  try {
    return { ...fallback, ...((await response.json()) as Problem) };
  } catch {
    return fallback;
  }
}

async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  let response: Response;
  try {
    response = await fetch(address(path, options.query), {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, { code: "network" }, null);
  }
  if (!response.ok) {
    const problem = await readProblem(response);
    if (response.status === 401 && path !== "/api/v1/session") onSessionEnd();
    const retryAfter = Number(response.headers.get("retry-after"));
    throw new ApiError(
      response.status,
      problem,
      Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
    );
  }
  if (response.status === 204 || response.status === 205) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const http = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    request<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) }),
  post: <T>(path: string, body: unknown, signal?: AbortSignal) =>
    request<T>("POST", path, { body, ...(signal && { signal }) }),
  put: <T>(path: string, body: unknown) => request<T>("PUT", path, { body }),
  delete: <T>(path: string) => request<T>("DELETE", path),
};
