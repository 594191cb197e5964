/**
 * Licences. Every key comes from the session's licence server with the session's token, whatever a manifest says.
 *
 * In HLS a ClearKey stream carries `EXT-X-KEY` with KEYFORMAT="identity", for which a player fetches 16 raw bytes.
 * Where that tag's URI ends with the KID (32 hex digits, dashes allowed), the request becomes an ordinary W3C ClearKey
 * licence request and its answer the raw key, so that one door with one check of entitlement serves DASH and HLS.
 * The URI must be relative or http(s): Shaka picks the transport by the scheme before a filter can change it.
 */

import type { Grant } from "../api/types";

export const LICENSE = 2; // shaka.net.NetworkingEngine.RequestType
export const KEY = 6;
export const CLEARKEY = "org.w3.clearkey";

interface Request {
  uris: string[];
  method: string;
  headers: Record<string, string>;
  body: ArrayBuffer | ArrayBufferView | null;
  drmInfo: { keySystem: string } | null;
}

interface Response {
  data: ArrayBuffer | ArrayBufferView;
  headers: Record<string, string>;
}

export function bytesToBase64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function base64UrlToBytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
}

/** The key id a URI ends with, or null. */
export function kidOf(uri: string): Uint8Array | null {
  const [digits] = /[0-9a-f]{32}$/i.exec(uri.replace(/-/g, "")) ?? [];
  return digits ? Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) : null;
}

/** Licence servers by key system, as absolute URLs. */
export function licenceServers(grant: Grant): Record<string, string> {
  const servers = Object.entries(grant.drm?.servers ?? {});
  return Object.fromEntries(servers.map(([system, url]) => [system, new URL(url, location.href).href]));
}

/** Turns key requests towards the session's licence server and adds its token; leaves all other requests alone. */
export function signRequest(type: number, request: Request, grant: Grant | null): void {
  if (!grant?.drm || (type !== LICENSE && type !== KEY)) return;
  if (request.uris[0]?.startsWith("data:")) return; // keys that are here already
  const server = licenceServers(grant)[type === KEY ? CLEARKEY : (request.drmInfo?.keySystem ?? CLEARKEY)];
  if (!server) return;
  if (type === KEY && request.uris[0] !== server) {
    const kid = kidOf(request.uris[0] ?? "");
    if (!kid) return;
    request.method = "POST";
    const body = JSON.stringify({ kids: [bytesToBase64Url(kid)], type: "temporary" });
    request.body = new TextEncoder().encode(body);
  }
  request.uris = [server];
  // On a retry Shaka keeps the URI and the body, and drops the headers.
  if (type === KEY) request.headers["Content-Type"] = "application/json";
  request.headers["Authorization"] = `Bearer ${grant.drm.token}`;
}

/** Turns a ClearKey licence that answers a key request into the 16 bytes the HLS parser waits for. */
export function unwrapKey(type: number, response: Response): void {
  if (type !== KEY || response.data.byteLength === 16) return;
  const licence = JSON.parse(new TextDecoder().decode(response.data)) as { keys: { k: string }[] };
  const [key] = licence.keys;
  if (key) response.data = base64UrlToBytes(key.k);
}
