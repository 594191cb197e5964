import { wantedLanguages } from "../lib/words";

const TIMEOUT_MS = 15_000;

/**
 * An RFC 9457 problem, or what stands in for one when no answer came. `type` is the last segment of its URI; the message
 * is for programmers.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly traceId: string | null;

  constructor(status: number, type: string, message: string, traceId: string | null = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.type = type;
    this.traceId = traceId;
  }
}

/** Reads a problem from a body; null when it is not one. */
export function parseProblem(status: number, body: string): ApiError | null {
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem !== "object" || problem === null || !("type" in problem)) return null;
    const field = (name: string): string => {
      const value = (problem as Record<string, unknown>)[name];
      return typeof value === "string" ? value : "";
    };
    const type = field("type").split(/[/#:]/).pop() || "unknown";
    return new ApiError(status, type, field("detail") || field("title"), field("trace_id") || null);
  } catch {
    return null;
  }
}

/** Names and texts are asked for in the languages that the page is in. */
function acceptLanguage(): Record<string, string> {
  const ranges = wantedLanguages().map((tag, place) => `${tag};q=${Math.max(1, 10 - place) / 10}`);
  return ranges.length ? { "Accept-Language": ranges.join(", ") } : {};
}

/** One request to the API. Throws ApiError; an abort by `signal` passes through. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { ...acceptLanguage(), ...init.headers }, signal });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, timeout.aborted ? "timeout" : "offline", "The service could not be reached.");
  }
  if (response.ok) return response;
  throw (
    parseProblem(response.status, await response.text()) ??
    new ApiError(response.status, "unknown", `The service answered with status ${response.status}.`)
  );
}

export function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** With another method than POST. */
export const put = (body: unknown): RequestInit => ({ ...json(body), method: "PUT" });
export const patch = (body: unknown): RequestInit => ({ ...json(body), method: "PATCH" });
