/** Events on their way to the API: batched, retried with back-off, bounded, and sent by beacon at the end. */

import { ApiError } from "../api/client";

export type EventName =
  | "viewstart"
  | "loadstart"
  | "manifestloaded"
  | "licenserequest"
  | "licenseresponse"
  | "firstframe"
  | "playing"
  | "pause"
  | "seeking"
  | "seeked"
  | "rebufferstart"
  | "rebufferend"
  | "renditionchange"
  | "cdnchange"
  | "error"
  | "heartbeat"
  | "ended"
  | "viewend";

export interface Context {
  position_ms: number;
  rendition?: string;
  bitrate?: number;
  dropped_frames?: number;
  edge?: string;
}

/** What has come from one edge since the session began. */
export interface Fetched {
  edge: string;
  segments: number;
  bytes: number;
}

export interface PlayerEvent extends Context {
  version: 1;
  session_id: string;
  seq: number;
  name: EventName;
  viewer_time_ms: number;
  error?: { fatal: boolean; category: string; code: string; business: boolean };
  fetched?: Fetched[];
}

/** Events that also say what has come from each edge: often enough to notice what is lost, and at the end. */
const REPORTING: ReadonlySet<EventName> = new Set(["heartbeat", "cdnchange", "error", "ended", "viewend"]);

export type BrowseName = "shown" | "search" | "select" | "play";

/** An event of a visit, as the API's contract has it. */
export interface BrowseEvent {
  version: 1;
  visit_id: string;
  seq: number;
  name: BrowseName;
  viewer_time_ms: number;
  row?: string;
  position?: number;
  titles?: string[];
  query?: string;
  results?: number;
  session_id?: string;
  generation?: string;
  arm?: string;
}

export type AnyEvent = PlayerEvent | BrowseEvent;

export const BATCH = 100;
export const CAPACITY = 1000;
const FLUSH_MS = 4_000;
const LONGEST_WAIT_MS = 60_000;

type Send = (body: string) => Promise<void>;
/** Takes events. */
export type Sink = Pick<EventQueue, "push">;
type Beacon = (body: string) => boolean;

const body = (events: readonly AnyEvent[]): string => JSON.stringify({ events });

/** A refusal that the same batch would meet again. */
const hopeless = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && ![408, 425, 429].includes(error.status);

export class EventQueue {
  readonly #send: Send;
  readonly #beacon: Beacon;
  #waiting: AnyEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #busy = false;

  constructor(send: Send, beacon: Beacon) {
    this.#send = send;
    this.#beacon = beacon;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** When full, the oldest events give way: how a view ended matters more than how it began. */
  push(event: AnyEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > CAPACITY) this.#waiting.splice(0, this.#waiting.length - CAPACITY);
    this.#schedule(FLUSH_MS);
  }

  async flush(): Promise<void> {
    if (this.#busy || !this.#waiting.length) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#busy = true;
    const batch = this.#waiting.slice(0, BATCH);
    try {
      await this.#send(body(batch));
      this.#failures = 0;
      this.#drop(batch);
    } catch (error) {
      if (hopeless(error)) this.#drop(batch);
      else this.#failures++;
    } finally {
      this.#busy = false;
    }
    if (this.#waiting.length) this.#schedule(this.#failures ? this.#backOff() : 0);
  }

  /** Everything at once, for a page that is going away. Events in flight go again: the API drops doubles by (stream, seq). */
  beacon(): void {
    while (this.#waiting.length) {
      const batch = this.#waiting.slice(0, BATCH);
      if (!this.#beacon(body(batch))) return;
      this.#drop(batch);
    }
  }

  #drop(batch: AnyEvent[]): void {
    const sent = new Set(batch);
    this.#waiting = this.#waiting.filter((event) => !sent.has(event));
  }

  #schedule(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, delayMs);
  }

  #backOff(): number {
    const ceiling = Math.min(LONGEST_WAIT_MS, FLUSH_MS * 2 ** this.#failures);
    return ceiling * (0.5 + Math.random() / 2);
  }
}

/** The events of one view. What happens before the session is granted is kept until `adopt` names it. */
export class ViewLog {
  readonly history: PlayerEvent[] = [];
  readonly #queue: Sink;
  readonly #context: () => Context;
  readonly #fetched = new Map<string, Fetched>();
  #session = "";
  #seq = 0;

  constructor(queue: Sink, context: () => Context) {
    this.#queue = queue;
    this.#context = context;
  }

  emit(
    name: EventName,
    details: Partial<Pick<PlayerEvent, "error" | "position_ms" | "edge">> = {},
    at = Date.now(),
  ): void {
    const event: PlayerEvent = {
      version: 1,
      session_id: this.#session,
      seq: this.#seq++,
      name,
      viewer_time_ms: at,
      ...this.#context(),
      ...details,
      ...(REPORTING.has(name) && this.#fetched.size && { fetched: [...this.#fetched.values()] }),
    };
    this.history.push(event);
    if (this.history.length > CAPACITY) this.history.shift();
    if (this.#session) this.#queue.push(event);
  }

  /** A piece of video or sound has come from an edge. */
  fetched(edge: string, bytes: number): void {
    const sofar = this.#fetched.get(edge) ?? { edge, segments: 0, bytes: 0 };
    this.#fetched.set(edge, { edge, segments: sofar.segments + 1, bytes: sofar.bytes + bytes });
  }

  /** The session these events belong to. A second session within a view starts a count of its own. */
  adopt(sessionId: string): void {
    const first = !this.#session;
    this.#session = sessionId;
    if (!first) {
      this.#seq = 0;
      this.#fetched.clear();
      return;
    }
    for (const event of this.history) {
      event.session_id = sessionId;
      this.#queue.push(event);
    }
  }
}
