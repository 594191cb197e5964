/**
 * Licences come from the session's licence server with the session's token, whatever a manifest says. Raw keys of HLS
 * need nothing: the session's playlists have addresses that work.
 */

import type { Grant } from "../api/types";

export const LICENSE = 2; // shaka.net.NetworkingEngine.RequestType
export const KEY = 6;
const CMCD = /[?&]CMCD=[^&]*$/;
export const CLEARKEY = "org.w3.clearkey";

interface Request {
  uris: string[];
  headers: Record<string, string>;
  drmInfo: { keySystem: string } | null;
  licenseRequestType?: string | null;
}

/** Licence servers by key system, as absolute URLs. */
export function licenceServers(grant: Grant): Record<string, string> {
  const servers = Object.entries(grant.drm?.servers ?? {});
  return Object.fromEntries(servers.map(([system, url]) => [system, new URL(url, location.href).href]));
}

/** Turns licence requests towards the session's licence server and adds its token; leaves all other requests alone. */
export function signRequest(type: number, request: Request, grant: Grant | null): void {
  if (!grant?.drm || type !== LICENSE) return;
  const [uri = ""] = request.uris;
  if (uri.startsWith("data:")) {
    request.uris = [uri.replace(CMCD, "")]; // keys that are here already: Shaka says who plays to them as well
    return;
  }
  const server = licenceServers(grant)[request.drmInfo?.keySystem ?? CLEARKEY];
  if (!server) return;
  request.uris = [request.licenseRequestType === "license-release" ? `${server}/release` : server];
  request.headers["Authorization"] = `Bearer ${grant.drm.token}`;
}
