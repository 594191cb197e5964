/** Playback sessions, visits and their events. */

import { json, request } from "./client";
import { asMember } from "./member";
import type { Grant, MediaToken, PlaybackRequest, Preview, StreamList } from "./types";

/** One showing of the home page; gives the id that its events carry. */
export async function openVisit(): Promise<string> {
  const response = await asMember("/v1/visits", { method: "POST" });
  return ((await response.json()) as { visit_id: string }).visit_id;
}

/** 128 random bits. crypto.randomUUID is kept from pages that came over plain HTTP; this is not. */
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function openSession(wanted: PlaybackRequest, signal: AbortSignal): Promise<Grant> {
  const init = json(wanted);
  const headers = { ...init.headers, "Idempotency-Key": freshKey() };
  const response = await asMember("/v1/playback-sessions", { ...init, headers, signal });
  return (await response.json()) as Grant;
}

/** Spends a link of the desk, whoever is signed in here. */
export async function openPreview(token: string): Promise<Preview> {
  return (await (await request("/v1/previews", json({ token }))).json()) as Preview;
}

type Held = Pick<Grant, "session_id" | "token">;

const held = ({ token }: Held): Record<string, string> => ({ Authorization: `Bearer ${token}` });

/** Says that the session plays, and where, or where it has ended; gives a fresh media token. May outlive the page. */
export async function beat(session: Held, positionMs: number, last = false): Promise<MediaToken> {
  const init = json({ position_ms: positionMs, last });
  const headers = { ...init.headers, ...held(session) };
  const path = `/v1/playback-sessions/${session.session_id}/heartbeat`;
  return (await (await request(path, { ...init, headers, keepalive: true })).json()) as MediaToken;
}

export async function closeSession(session: Held): Promise<void> {
  const init = { method: "DELETE", headers: held(session), keepalive: true };
  await request(`/v1/playback-sessions/${session.session_id}`, init);
}

export async function postEvents(body: string): Promise<void> {
  await request("/v1/events", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

/** What the account's devices play now. */
export async function listStreams(): Promise<StreamList> {
  return (await (await asMember("/v1/account/streams")).json()) as StreamList;
}

export async function stopStream(sessionId: string): Promise<void> {
  await asMember(`/v1/account/streams/${encodeURIComponent(sessionId)}`, { method: "DELETE" });
}
