/**
 * Which manifest to play: one kind (DASH or HLS), edge by edge in the order the API gives, failed ones set aside.
 *
 * A DASH manifest names all edges, and Shaka goes from one to another by itself. Another one is taken when that fails.
 */

import type { Grant, ManifestLink } from "../api/types";

const REST_MS = 60_000; // as long as Shaka sets a failed pathway aside

const TYPES: Record<string, ManifestLink["type"]> = {
  dash: "application/dash+xml",
  hls: "application/vnd.apple.mpegurl",
};

export class Edges {
  readonly #links: ManifestLink[];
  readonly #names: Map<string, string>; // by host
  readonly #failedAt = new Map<string, number>();
  #current: ManifestLink | null = null;

  /** `kind` is "dash" or "hls"; without it, the kind of the first manifest. */
  constructor(links: ManifestLink[], edges: Grant["edges"], kind: string | null) {
    this.#names = new Map(edges.map(({ name, url }) => [hostOf(url), name]));
    const type = (kind && TYPES[kind]) || links[0]?.type;
    this.#links = links.filter((link) => link.type === type);
  }

  /** Takes the first link whose edge has not failed of late; null when none is left. */
  take(now = Date.now()): ManifestLink | null {
    this.#current = this.#usable(now)[0] ?? null;
    return this.#current;
  }

  /** Whether another edge could take over now. */
  hasSpare(now = Date.now()): boolean {
    return this.#usable(now).some(({ edge }) => edge !== this.#current?.edge);
  }

  /** Notes that the edge in use failed. Says whether another one is left. */
  failed(now = Date.now()): boolean {
    if (this.#current) this.#failedAt.set(this.#current.edge, now);
    return this.#usable(now).length > 0;
  }

  #usable(now: number): ManifestLink[] {
    return this.#links.filter(({ edge }) => now - (this.#failedAt.get(edge) ?? -Infinity) > REST_MS);
  }

  /** How many edges a segment can come from without another manifest. */
  get within(): number {
    return this.#steered ? new Set(this.#links.map(({ edge }) => edge)).size : 1;
  }

  get #steered(): boolean {
    return this.#links[0]?.type === TYPES.dash;
  }

  /** Whether a URL belongs to an edge that is no longer in use. */
  isLeft(url: string): boolean {
    if (this.#steered) return false;
    const edge = this.nameOf(url);
    return edge !== null && edge !== this.#current?.edge;
  }

  /** The name of the edge that serves a URL, by host. */
  nameOf(url: string): string | null {
    return this.#names.get(hostOf(url)) ?? null;
  }
}

function hostOf(url: string): string {
  return URL.canParse(url, location.href) ? new URL(url, location.href).host : "";
}
