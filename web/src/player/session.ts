/** A playback session as the API grants it: opened, kept alive with the position, closed. */

import { ApiError } from "../api/client";
import { beat, closeSession, openSession } from "../api/playback";
import type { Grant } from "../api/types";
import { MediaAccess } from "./media";
import { capabilities } from "./capabilities";

const ENDED_ELSEWHERE = new Set([403, 404, 409, 410]);

export class Session {
  readonly grant: Grant;
  readonly media: MediaAccess;
  readonly #openedAt = Date.now();
  #position: () => number | null = () => null;
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(grant: Grant) {
    this.grant = grant;
    this.media = new MediaAccess(grant.media, () => this.beat(this.#position() ?? 0)); // 0 is never remembered
  }

  /** With `prepare` one that takes a place among the plan's streams only with its first beat. */
  static async open(titleId: string, signal: AbortSignal, prepare = false): Promise<Session> {
    const { codecs, drm, schemes } = await capabilities();
    const asked = { title_id: titleId, capabilities: { codecs, drm, schemes }, prepare };
    return new Session(await openSession(asked, signal));
  }

  /** One that is open already: a preview's. */
  static of(grant: Grant): Session {
    return new Session(grant);
  }

  get ageMs(): number {
    return Date.now() - this.#openedAt;
  }

  /**
   * Beats until the end. `position` gives null while nothing is loaded: a position of 0 would lose the resume point.
   * `refused` is called when the session was ended elsewhere; a beat that is merely lost means nothing yet.
   */
  keepAlive(position: () => number | null, refused: (error: ApiError) => void): void {
    this.#position = position;
    const once = (): void => void this.beat(position()).catch(refused);
    this.#timer = setInterval(once, Math.max(1, this.grant.heartbeat_s) * 1000);
  }

  /** Throws ApiError when the session was ended elsewhere. */
  async beat(positionMs: number | null): Promise<void> {
    if (positionMs === null) return;
    try {
      this.media.take(await beat(this.grant, positionMs));
    } catch (error) {
      if (error instanceof ApiError && ENDED_ELSEWHERE.has(error.status)) throw error;
    }
  }

  silence(): void {
    clearInterval(this.#timer);
  }

  /**
   * The end, also of a page that is going away. Of two requests either may arrive first, so position and end go in one:
   * whoever goes on at another device finds the place free.
   */
  async end(positionMs: number | null): Promise<void> {
    this.silence();
    const ended: Promise<unknown> = positionMs === null ? closeSession(this.grant) : beat(this.grant, positionMs, true);
    await ended.catch(() => undefined);
  }
}
