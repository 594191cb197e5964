import type { Grant, HomeRows, NewProfile, Profile, ProfileList, Title, TitlePage } from "./types";

const TIMEOUT_MS = 15_000;

/** An RFC 9457 problem, or what stands in for one when no answer came. `type` is the last segment of its URI. */
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

/** One request to the API. Throws ApiError; an abort by `signal` passes through. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal });
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

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal ? { signal } : {});
  return (await response.json()) as T;
}

export function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

export interface TitleFilter {
  query?: string;
  genre?: string;
  cursor?: string;
  profile_id?: string;
}

export function listTitles(filter: TitleFilter, signal?: AbortSignal): Promise<TitlePage> {
  const search = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  return get<TitlePage>(search.size ? `/v1/titles?${search}` : "/v1/titles", signal);
}

/** A title's own page; `resume_ms` is the profile's. */
export function getTitle(titleId: string, profileId: string | null, signal?: AbortSignal): Promise<Title> {
  const whose = profileId ? `?profile_id=${encodeURIComponent(profileId)}` : "";
  return get<Title>(`/v1/titles/${encodeURIComponent(titleId)}${whose}`, signal);
}

export function listProfiles(signal?: AbortSignal): Promise<ProfileList> {
  return get<ProfileList>("/v1/profiles", signal);
}

export async function createProfile(wanted: NewProfile): Promise<Profile> {
  const response = await request("/v1/profiles", json(wanted));
  return (await response.json()) as Profile;
}

export async function deleteProfile(profileId: string): Promise<void> {
  await request(`/v1/profiles/${encodeURIComponent(profileId)}`, { method: "DELETE" });
}

export function getRows(profileId: string, signal?: AbortSignal): Promise<HomeRows> {
  return get<HomeRows>(`/v1/profiles/${encodeURIComponent(profileId)}/rows`, signal);
}

/** One showing of the home page; gives the id that its events carry. */
export async function openVisit(profileId: string | null): Promise<string> {
  const response = await request("/v1/visits", json(profileId ? { profile_id: profileId } : {}));
  return ((await response.json()) as { visit_id: string }).visit_id;
}

/** 128 random bits. crypto.randomUUID is kept from pages that came over plain HTTP; this is not. */
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface Capabilities {
  codecs: string[];
  drm: string[];
}

export async function openSession(
  titleId: string,
  profileId: string | null,
  capabilities: Capabilities,
  signal: AbortSignal,
): Promise<Grant> {
  const init = json({ title_id: titleId, ...(profileId && { profile_id: profileId }), capabilities });
  const headers = { ...init.headers, "Idempotency-Key": freshKey() };
  const response = await request("/v1/playback-sessions", { ...init, headers, signal });
  return (await response.json()) as Grant;
}

type Held = Pick<Grant, "session_id" | "token">;

const held = ({ token }: Held): Record<string, string> => ({ Authorization: `Bearer ${token}` });

/** Says that the session lives, and where. May outlive the page. */
export async function beat(session: Held, positionMs: number): Promise<void> {
  const init = json({ position_ms: positionMs });
  const headers = { ...init.headers, ...held(session) };
  await request(`/v1/playback-sessions/${session.session_id}/heartbeat`, { ...init, headers, keepalive: true });
}

export async function closeSession(session: Held): Promise<void> {
  const init = { method: "DELETE", headers: held(session), keepalive: true };
  await request(`/v1/playback-sessions/${session.session_id}`, init);
}

export async function postEvents(body: string): Promise<void> {
  await request("/v1/events", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}
