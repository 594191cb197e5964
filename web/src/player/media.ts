/**
 * The token in the paths of media, `/m/<token>/…`. Manifests have the one of their time written into them; it lives for
 * minutes, every heartbeat brings a new one, and requests go out with the newest.
 */

import type { MediaToken } from "../api/types";

const PATH = /\/m\/\d+\.media\.[^/]+\//;
const SPARE_MS = 15_000; // renewed so long before its end, when no heartbeat has done so
const LAST_MS = 3_000; // requests wait for the new one from then on, not before: an API that is slow stops nobody

export class MediaAccess {
  readonly #renew: () => Promise<unknown>;
  #token = "";
  #renewing: Promise<unknown> | null = null;
  #endsAt = 0; // on the page's own clock, whatever the time of day is there

  /** `renew` asks for a new token and gives it to `take`. */
  constructor(token: MediaToken, renew: () => Promise<unknown>) {
    this.#renew = renew;
    this.take(token);
  }

  take({ token, expires_in }: MediaToken, now = performance.now()): void {
    this.#token = token;
    this.#endsAt = now + expires_in * 1000;
  }

  /** Puts the newest token into a request's addresses, and asks for a newer one where the last is about to end. */
  async sign(request: { uris: string[] }, now = performance.now()): Promise<void> {
    if (!request.uris.some((uri) => PATH.test(uri))) return;
    const left = this.#endsAt - now;
    if (left < SPARE_MS) this.#renewing ??= this.#renewed();
    if (left < LAST_MS) await this.#renewing;
    request.uris = request.uris.map((uri) => uri.replace(PATH, `/m/${this.#token}/`));
  }

  /** A renewal that fails is no news: the edge decides, and what it says is handled where errors are. */
  async #renewed(): Promise<void> {
    await this.#renew().catch(() => undefined);
    this.#renewing = null;
  }
}
