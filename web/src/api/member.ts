/** The API as a member: the access token is kept in memory alone, the refresh token in a cookie that no script reads. */

import { ApiError, json, put, request } from "./client";
import type { Account, AuditPage, DeviceList, Proof, TotpProposal } from "./types";

const KNOWN = "marquee.signed-in"; // so that guests ask for no token
const BEGUN = "marquee.refresh-begun"; // when the last refresh began; gone once it was answered
const ANSWER_MS = 2_000; // by then a refresh is answered, and its cookie kept
const EARLY_MS = 30_000; // before its end a token is no longer used: clocks differ, and requests take time
const OVER = new Set(["signed-out", "token-expired", "unauthorised"]);

let access: { token: string; until: number } | null = null;
let asking: Promise<string> | null = null;

export const CHANGED = "marquee:member";
export const memberChanged = (): void => void window.dispatchEvent(new Event(CHANGED));

function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // without storage a reload asks again
  }
}

/** A sign-in is on its way that this page does not see: from now on a cookie may be there. */
export const wasGiven = (): void => store(KNOWN, "1");

/** Whether somebody was signed in here before. */
export function wasSignedIn(): boolean {
  try {
    return localStorage.getItem(KNOWN) !== null;
  } catch {
    return true;
  }
}

/** Keeps the access token of an answer. */
export async function keepToken(response: Response): Promise<string> {
  const made = (await response.json()) as { access_token: string; expires_in: number };
  access = { token: made.access_token, until: Date.now() + made.expires_in * 1000 - EARLY_MS };
  store(KNOWN, "1");
  return made.access_token;
}

function drop(): void {
  access = null;
  store(KNOWN, null);
  memberChanged();
}

/** How long to wait for a refresh whose page went away before its answer came: its token must not be sent again. */
function unansweredMs(): number {
  try {
    return Number(localStorage.getItem(BEGUN) ?? 0) + ANSWER_MS - Date.now();
  } catch {
    return 0;
  }
}

/** A refresh that outlives its page, so that its cookie is kept whatever the viewer does. */
async function askForTokens(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(unansweredMs(), ANSWER_MS))));
  store(BEGUN, String(Date.now()));
  const answer = await request("/v1/sign-in/refresh", { ...json({}), keepalive: true }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status) store(BEGUN, null); // a page that goes away gets no answer
    throw error;
  });
  store(BEGUN, null);
  return keepToken(answer);
}

/**
 * A refresh token works once, and all tabs share the cookie: one tab at a time refreshes. Two requests of a tab share
 * one refresh.
 */
function refresh(): Promise<string> {
  asking ??= navigator.locks
    .request("marquee refresh", askForTokens)
    .catch((error: unknown) => {
      if (error instanceof ApiError && OVER.has(error.type)) drop();
      throw error;
    })
    .finally(() => {
      asking = null;
    });
  return asking;
}

/** A request with the member's token, which is made anew where it has to be. Throws ApiError. */
export async function asMember(path: string, init: RequestInit = {}): Promise<Response> {
  const send = (token: string): Promise<Response> =>
    request(path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });
  const token = access && Date.now() < access.until ? access.token : await refresh();
  try {
    return await send(token);
  } catch (error) {
    if (!(error instanceof ApiError) || error.type !== "token-expired") {
      if (error instanceof ApiError && error.type === "signed-out") drop();
      throw error;
    }
    return send(await refresh());
  }
}

/** A request with the member's token where somebody is signed in, and without one for guests. */
export async function visiting(path: string, init: RequestInit = {}): Promise<Response> {
  if (!wasSignedIn()) return request(path, init);
  try {
    return await asMember(path, init);
  } catch (error) {
    if (!(error instanceof ApiError) || !OVER.has(error.type)) throw error;
    return request(path, init); // the sign-in is over: what is left is a guest
  }
}

export async function logIn(email: string, password: string, code: string | null): Promise<void> {
  await keepToken(await request("/v1/sign-in", json({ email, password, ...(code && { code }) })));
  memberChanged();
}

export async function logOut(everywhere: boolean): Promise<void> {
  await asMember("/v1/sign-in/end", json({ everywhere }));
  drop();
}

export async function register(email: string, password: string, language: string): Promise<void> {
  await request("/v1/accounts", json({ email, password, language }));
}

export async function verify(token: string): Promise<void> {
  await request("/v1/accounts/verification", json({ token }));
}

export async function askPasswordReset(email: string, language: string): Promise<void> {
  await request("/v1/accounts/forgotten-password", json({ email, language }));
}

export async function resetPassword(token: string, password: string): Promise<void> {
  await request("/v1/accounts/new-password", json({ token, password }));
}

/** Whether both addresses have confirmed now. */
export async function confirmAddress(token: string): Promise<boolean> {
  const response = await request("/v1/accounts/address-confirmation", json({ token }));
  return ((await response.json()) as { complete: boolean }).complete;
}

const read = async <T>(path: string): Promise<T> => (await (await asMember(path)).json()) as T;

export const getAccount = (): Promise<Account> => read("/v1/account");
export const listDevices = (): Promise<DeviceList> => read("/v1/account/devices");
export const listAudit = (before: string | null): Promise<AuditPage> =>
  read(`/v1/account/audit-trail${before ? `?before=${before}` : ""}`);

export async function removeDevice(id: string): Promise<void> {
  await asMember(`/v1/account/devices/${id}`, { method: "DELETE" });
}

export async function askDeletion(proof: Proof): Promise<void> {
  await asMember("/v1/account/deletion", json(proof));
}

export async function takeDeletionBack(): Promise<void> {
  await asMember("/v1/account/deletion", { method: "DELETE" });
}

export async function sendVerification(): Promise<void> {
  await asMember("/v1/account/verification-message", { method: "POST" });
}

export async function changePassword(password: string, proof: Proof): Promise<void> {
  const known = "passkey" in proof ? proof : { current: proof.password };
  await asMember("/v1/account/password", put({ password, ...known }));
}

export async function changeAddress(email: string, proof: Proof): Promise<void> {
  await asMember("/v1/account/address-change", json({ email, ...proof }));
}

export async function proposeTotp(proof: Proof): Promise<TotpProposal> {
  return (await (await asMember("/v1/account/totp", json(proof))).json()) as TotpProposal;
}

export async function confirmTotp(code: string): Promise<string[]> {
  const response = await asMember("/v1/account/totp/confirmation", json({ code }));
  return ((await response.json()) as { codes: string[] }).codes;
}

export async function removeTotp(proof: Proof): Promise<void> {
  await asMember("/v1/account/totp/removal", json(proof));
}
