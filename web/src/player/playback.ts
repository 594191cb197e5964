/** One playback, from the click to the end, and what to do when it fails. */

import { ApiError } from "../api/client";
import type { Grant } from "../api/types";
import { queue } from "../lib/queue";
import { settling } from "../lib/settling";
import { licenceServers } from "./drm";
import { Edges } from "./edges";
import { buildEngine, nameSession, watchTraffic, type Engine, type Stage } from "./engine";
import * as errors from "./errors";
import { ViewLog } from "./events";
import { observe, Scene } from "./observe";
import { currentProfile } from "./preferences";
import { Session } from "./session";
import { loadShaka, type Player } from "./shaka";
import { holdQuality, restoreCaptions, TrackMemory } from "./tracks";

/**
 * Shaka 5.2.12 keeps a prefetched initialisation segment whose request was given up, and asks for it for ever: a change of
 * picture and layout of the sound at once, with the buffer cleared, then stands still.
 */
const NO_PREFETCH = 0;
const HEARTBEAT_MS = 20_000; // of the event log; the QoE definitions ask for 30 s at most

export type Phase = "starting" | "playing" | "blocked" | "ended" | "failed";

export interface Options {
  titleId: string;
  manifest: string | null; // "dash" or "hls" to force one
  quality: number | null; // height to hold, in pixels
  restart: boolean;
  askedAt: number; // Unix ms of the click
}

export interface Listener {
  phase(phase: Phase): void;
  failure(failure: errors.Failure): void;
  granted(grant: Grant): void;
  announce(text: string): void;
}

export class Playback {
  readonly #stage: Stage;
  readonly #options: Options;
  readonly #listener: Listener;
  readonly #profile = currentProfile();
  readonly #ending = new AbortController();
  readonly #scene: Scene;
  readonly #log: ViewLog;
  #session: Session | null = null;
  #engine: Engine | null = null;
  #memory: TrackMemory | null = null;
  #edges = new Edges([], [], null);
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #handled: unknown = null;

  constructor(stage: Stage, options: Options, listener: Listener) {
    this.#stage = stage;
    this.#options = options;
    this.#listener = listener;
    this.#scene = new Scene(stage.video);
    this.#log = new ViewLog(queue, () => this.#scene.context);
  }

  async start(): Promise<void> {
    this.#log.emit("viewstart", {}, this.#options.askedAt);
    const { signal } = this.#ending;
    window.addEventListener("pagehide", () => this.#leave(), { signal });
    document.addEventListener("visibilitychange", () => this.#hide(), { signal });
    try {
      const [engine] = await Promise.all([this.#build(), this.#open()]);
      await this.#load(engine.player, this.#startAt());
    } catch (error) {
      await this.#handle(error);
    }
  }

  /** Ends the view for good: last position, last events, then the player itself. */
  async stop(): Promise<void> {
    const position = this.#position();
    this.#close();
    void queue.flush();
    if (this.#session) settling(this.#session.end(position));
    await this.#engine?.overlay.destroy();
  }

  play(): void {
    this.#stage.video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#listener.phase("blocked");
    });
  }

  async #open(): Promise<void> {
    const { titleId, manifest } = this.#options;
    const session = await Session.open(titleId, this.#ending.signal);
    if (this.#ending.signal.aborted) return await session.end(null);
    this.#session?.silence();
    this.#session = session;
    this.#edges = new Edges(session.grant.manifests, session.grant.edges, manifest);
    this.#log.adopt(session.grant.session_id);
    session.keepAlive(
      () => this.#position(),
      (error) => void this.#handle(error),
    );
    this.#listener.granted(session.grant);
  }

  async #build(): Promise<Engine> {
    const { signal } = this.#ending;
    const { video } = this.#stage;
    const engine = await buildEngine(await loadShaka(), this.#stage, this.#profile, signal);
    if (signal.aborted) {
      void engine.overlay.destroy();
      signal.throwIfAborted();
    }
    const { player } = engine;
    this.#engine = engine;
    this.#memory = new TrackMemory(player, this.#profile, this.#listener.announce);
    watchTraffic(player, {
      session: () => this.#session,
      keyAsked: () => this.#log.emit("licenserequest"),
      keyCame: () => this.#log.emit("licenseresponse"),
      segment: (uri, bytes) => {
        const edge = this.#edges.nameOf(uri);
        this.#scene.servedBy(edge, this.#log);
        if (edge) this.#log.fetched(edge, bytes);
      },
      failed: (uri, code) => this.#scene.failedAt(this.#edges.nameOf(uri), code, this.#log),
    });
    observe(player, video, this.#log, this.#scene, signal);
    player.addEventListener("error", (event) => void this.#handle((event as CustomEvent).detail));
    video.addEventListener("playing", () => this.#listener.phase("playing"), { signal });
    video.addEventListener("ended", () => this.#end(), { signal });
    this.#heartbeat = setInterval(() => this.#log.emit("heartbeat"), HEARTBEAT_MS);
    Object.assign(window, { marquee: { player, video, events: this.#log.history } });
    return engine;
  }

  /** Loads the next usable manifest at a place in the programme (seconds). */
  async #load(player: Player, seconds: number, paused = false): Promise<void> {
    const link = this.#edges.take();
    if (!link || !this.#session) throw new ApiError(0, "unavailable", "No edge offers this title at the moment.");
    this.#memory?.pause();
    player.configure("drm.servers", licenceServers(this.#session.grant));
    nameSession(player, this.#session.grant, this.#options.titleId);
    // With another edge to go to, Shaka must not first try every other rendition on the one that fails.
    player.configure("streaming.maxDisabledTime", this.#edges.hasSpare() ? 0 : 30);
    player.configure("streaming.retryParameters.maxAttempts", Math.max(2, this.#edges.within));
    this.#listener.phase("starting");
    this.#log.emit("loadstart");
    this.#scene.startsAt(seconds);
    await player.load(link.url, seconds > 0 ? seconds : null, link.type);
    player.configure("streaming.segmentPrefetchLimit", NO_PREFETCH);
    this.#scene.started();
    if (this.#ending.signal.aborted) return;
    if (!paused) this.play();
    restoreCaptions(player, this.#profile);
    if (this.#options.quality) holdQuality(player, this.#options.quality);
    this.#memory?.resume();
    await this.#addThumbnails(player);
  }

  async #addThumbnails(player: Player): Promise<void> {
    const vtt = this.#session?.grant.thumbnails?.vtt_url;
    if (!vtt || player.getImageTracks().length) return;
    await player.addThumbnailsTrack(vtt, "text/vtt").catch((error: errors.PlayError) => this.#report(error));
  }

  /** Every error ends here: noted, mended by another edge or a new session where that can help, or shown. */
  async #handle(error: unknown): Promise<void> {
    if (this.#ending.signal.aborted || error === this.#handled) return;
    this.#handled = error;
    if (error instanceof ApiError) return this.#fail(errors.describeProblem(error));
    const known = errors.asPlayError(error);
    const url = errors.urlOf(known);
    if (errors.isInterruption(known) || (url && this.#edges.isLeft(url))) return;
    if (!errors.isCritical(known)) return this.#report(known);
    const step = errors.remedy(known, this.#session?.ageMs ?? 0);
    if (step === "give-up" || (step === "other-edge" && !this.#edges.failed())) {
      return this.#fail(errors.describeError(known));
    }
    this.#report(known);
    await this.#mend(step);
  }

  async #mend(step: "other-edge" | "new-session"): Promise<void> {
    const { video } = this.#stage;
    const seconds = this.#scene.position ?? this.#startAt();
    const paused = video.paused && video.played.length > 0; // by the viewer, not because nothing has begun
    try {
      if (step === "new-session") {
        this.#log.emit("viewend");
        await this.#open();
        this.#log.emit("viewstart");
      }
      if (this.#engine) await this.#load(this.#engine.player, seconds, paused);
    } catch (error) {
      await this.#handle(error);
    }
  }

  #report(error: errors.PlayError): void {
    const category = errors.categoryOf(error);
    this.#log.emit("error", { error: { fatal: false, category, code: `${error.code}`, business: false } });
  }

  #fail(failure: errors.Failure): void {
    const { category, code, business } = failure;
    this.#log.emit("error", { error: { fatal: true, category, code, business } });
    this.#session?.silence();
    clearInterval(this.#heartbeat);
    this.#memory?.pause();
    void queue.flush();
    void this.#engine?.player.unload();
    this.#listener.failure(failure);
    this.#listener.phase("failed");
  }

  /** A phone may end a hidden page without another word. */
  #hide(): void {
    if (!document.hidden) return;
    queue.beacon();
    this.#session?.beat(this.#position()).catch(() => undefined); // the next beat shows a refusal
  }

  #leave(): void {
    const position = this.#position();
    this.#close();
    queue.beacon();
    void this.#session?.end(position);
  }

  #close(): void {
    if (this.#ending.signal.aborted) return;
    this.#log.emit("viewend");
    this.#memory?.pause();
    clearInterval(this.#heartbeat);
    this.#ending.abort();
  }

  /** What comes next hangs on it that the API knows of the end. */
  #end(): void {
    if (this.#session) settling(this.#session.beat(this.#position()));
    this.#listener.phase("ended");
  }

  #startAt(): number {
    return this.#options.restart ? 0 : (this.#session?.grant.resume_ms ?? 0) / 1000;
  }

  /** In ms; null while nothing is loaded. */
  #position(): number | null {
    return this.#scene.position === null ? null : this.#scene.context.position_ms;
  }
}
