import createClient from "openapi-fetch";
import type { paths } from "./generated/schema";
import type { Problem } from "./types";

/** What a failed request tells; all of it may be missing when no answer came. */
export type Failure = Partial<Problem>;

/** A refusal or a failure of the API. `status` is 0 when no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Failure,
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

async function readProblem(response: Response): Promise<Failure> {
  const fallback: Failure = { status: response.status, title: response.statusText };
  const requestId = response.headers.get("x-request-id");
  if (requestId) fallback.request_id = requestId;
  try {
    return { ...fallback, ...((await response.json()) as Failure) };
  } catch {
    return fallback;
  }
}

/** `fetch` with the CSRF token; every answer but a success is thrown as an ApiError. */
export async function send(request: Request): Promise<Response> {
  if (request.method !== "GET" && csrfToken) request.headers.set("X-CSRF-Token", csrfToken);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, { code: "network" }, null);
  }
  if (response.ok) return response;
  const problem = await readProblem(response);
  const path = new URL(response.url || request.url).pathname;
  if (response.status === 401 && path !== "/api/v1/session") onSessionEnd();
  const retryAfter = Number(response.headers.get("retry-after"));
  throw new ApiError(
    response.status,
    problem,
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
  );
}

/** Empty filters are left out of the address. */
function queryText(query: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  return search.toString();
}

/** The API as its OpenAPI document describes it; wrap calls in `answer`. */
export const client = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  cache: "no-store",
  headers: { Accept: "application/json" },
  fetch: send,
  querySerializer: queryText,
});

/** The body of a successful answer; failures were thrown before. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
