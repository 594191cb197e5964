/** How fast the network was when this device last played, so that the next playback begins with a fitting picture. */

import type { Player } from "./shaka";

const KEPT = "marquee.throughput";
const LIFE_MS = 7 * 24 * 3_600_000; // after a week the place may be another
const LEAST_BYTES = 256_000; // below, the player has no measurement of its own (twice Shaka's own threshold)
const MARGIN = 0.85; // of what was measured; the player leaves as much again unused

type Store = Pick<Storage, "getItem" | "setItem">;

/** The kind of the network, such as "wifi", where the browser tells; a measurement of another kind says nothing. */
const network = (): string => (navigator as { connection?: { type?: string } }).connection?.type ?? "";

/** Keeps what the player has measured, in bit/s. */
export function keepThroughput(player: Player, store: Store = localStorage, now = Date.now()): void {
  const { estimatedBandwidth, bytesDownloaded } = player.getStats();
  if (!(estimatedBandwidth > 0) || !(bytesDownloaded >= LEAST_BYTES)) return;
  try {
    store.setItem(KEPT, JSON.stringify({ rate: Math.round(estimatedBandwidth), at: now, network: network() }));
  } catch {
    // storage may be forbidden or full: the next start guesses
  }
}

/** What to begin with, in bit/s; null where this device has not measured lately on such a network. */
export function startThroughput(store: Store = localStorage, now = Date.now()): number | null {
  try {
    const kept = JSON.parse(store.getItem(KEPT) ?? "{}") as { rate?: unknown; at?: unknown; network?: unknown };
    const fresh = typeof kept.at === "number" && Math.abs(now - kept.at) < LIFE_MS && kept.network === network();
    return fresh && typeof kept.rate === "number" && kept.rate > 0 ? kept.rate * MARGIN : null;
  } catch {
    return null;
  }
}

/** Shaka's configuration for it. What the browser tells of the network is rounded and at most 10 Mbit/s. */
export function startQuality(rate = startThroughput()): object {
  return rate ? { abr: { defaultBandwidthEstimate: rate, useNetworkInformation: false } } : {};
}
