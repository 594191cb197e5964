/** One playback, from the click to the end, and what to do when it fails. */

import { ApiError } from "../api/client";
import type { Grant } from "../api/types";
import { queue } from "../lib/queue";
import { settling } from "../lib/settling";
import { capabilities } from "./capabilities";
import { addChapters } from "./chapters";
import { Connection, type Notice } from "./connection";
import { licenceServers } from "./drm";
import { Edges } from "./edges";
import {
  addControls,
  attach,
  FONT_SCALE,
  makePlayer,
  nameSession,
  watchTraffic,
  type Holder,
  type Stage,
} from "./engine";
import * as errors from "./errors";
import { ViewLog, type Sink } from "./events";
import { pictureLimits } from "./limits";
import { observe, Scene } from "./observe";
import { currentProfile, loadPreferences } from "./preferences";
import { takePrepared, type Prepared } from "./prepare";
import { Session } from "./session";
import { loadShaka, type Overlay, type Player, type Shaka } from "./shaka";
import { keepThroughput } from "./throughput";
import { describe, holdQuality, restoreCaptions, toggleCaptions, TrackMemory } from "./tracks";

/**
 * Shaka 5.2.12 keeps a prefetched initialisation segment whose request was given up, and asks for it for ever: a change of
 * picture and layout of the sound at once, with the buffer cleared, then stands still.
 */
const NO_PREFETCH = 0;
const CONTROLS_MS = 1000; // after which there are controls even without a picture
const HEARTBEAT_MS = 20_000; // of the event log; the QoE definitions ask for 30 s at most

export type Phase = "starting" | "playing" | "blocked" | "ended" | "failed";

const NOWHERE: Sink = { push: () => undefined };

export interface Options {
  titleId: string;
  manifest: string | null; // "dash" or "hls" to force one
  quality: number | null; // height to hold, in pixels
  restart: boolean;
  askedAt: number; // Unix ms of the click
  preview: Grant | null; // staff's, opened already: nothing of it is counted or remembered, nobody's choices hold
}

export interface Listener {
  phase(phase: Phase): void;
  failure(failure: errors.Failure): void;
  granted(grant: Grant): void;
  announce(text: string): void;
  notice(notice: Notice | null): void;
}

export class Playback {
  readonly #stage: Stage;
  readonly #options: Options;
  readonly #listener: Listener;
  readonly #profile: string | null;
  readonly #ending = new AbortController();
  readonly #scene: Scene;
  readonly #log: ViewLog;
  readonly #connection: Connection;
  #holder: Holder = { session: null, segment: () => undefined };
  #prepared: Prepared | null = null;
  #player: Player | null = null;
  #overlay: Overlay | null = null;
  #memory: TrackMemory | null = null;
  #edges = new Edges([], [], null);
  #building: Promise<Player> | null = null;
  #opened = false;
  #loading: "no" | "now" | "done" = "no";
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #handled: unknown = null;
  #waiting = false; // for the network

  constructor(stage: Stage, options: Options, listener: Listener) {
    this.#stage = stage;
    this.#options = options;
    this.#listener = listener;
    this.#scene = new Scene(stage.video);
    this.#profile = options.preview ? null : currentProfile();
    this.#log = new ViewLog(options.preview ? NOWHERE : queue, () => this.#scene.context);
    this.#connection = new Connection((notice) => listener.notice(notice), this.#ending.signal);
  }

  get #session(): Session | null {
    return this.#holder.session;
  }

  async start(): Promise<void> {
    this.#log.emit("viewstart", {}, this.#options.askedAt);
    const { signal } = this.#ending;
    window.addEventListener("pagehide", () => this.#leave(), { signal });
    document.addEventListener("visibilitychange", () => this.#hide(), { signal });
    const { titleId, manifest, preview } = this.#options;
    const prepared = manifest || preview ? null : await takePrepared(titleId);
    if (prepared) this.#holder = prepared.holder;
    this.#prepared = prepared;
    await this.#begin();
  }

  /** Whatever is not there yet of engine and session, and then the load. */
  async #begin(): Promise<void> {
    this.#listener.phase("starting");
    this.#connection.waits(true);
    try {
      this.#building ??= this.#build().catch((error: unknown) => {
        this.#building = null; // the next try builds again
        throw error;
      });
      const [player] = await Promise.all([this.#building, this.#opened || this.#open()]);
      await this.#load(player, this.#scene.position ?? this.#startAt());
    } catch (error) {
      await this.#handle(error);
    }
  }

  /** Ends the view for good: last position, last events, then the player itself. The session ends unless it is kept. */
  async stop(keep = false): Promise<void> {
    const position = this.#position();
    this.#close();
    void queue.flush();
    if (keep) this.#session?.silence();
    else if (this.#session) settling(this.#session.end(position));
    await (this.#overlay ?? this.#player)?.destroy();
  }

  play(): void {
    this.#stage.video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#listener.phase("blocked");
    });
  }

  /** Takes what a viewer has chosen for every title, from the next picture on. */
  async apply(): Promise<void> {
    const player = this.#player;
    if (!player) return;
    const { size, saver, description } = loadPreferences(this.#profile);
    player.configure("textDisplayer.fontScaleFactor", FONT_SCALE[size]);
    player.configure(pictureLimits(saver, (await capabilities()).lines));
    describe(player, description);
  }

  captions(languages: readonly string[]): void {
    if (this.#player) toggleCaptions(this.#player, this.#profile, languages);
  }

  /** Tells the API where the viewer is, which decides what comes next. */
  async tell(): Promise<void> {
    await this.#session?.beat(this.#position()).catch(() => undefined); // the next beat shows a refusal
  }

  /** A session that was prepared takes its place now. */
  async #open(): Promise<void> {
    const { titleId, manifest } = this.#options;
    const prepared = this.#opened ? null : this.#prepared?.session;
    const session = prepared ?? (await this.#openSession(titleId));
    if (this.#ending.signal.aborted) return await session.end(null);
    if (session !== this.#session) this.#session?.silence();
    this.#holder.session = session;
    this.#opened = true;
    if (prepared) session.beat(0).catch((error: unknown) => this.#handle(error));
    this.#edges = new Edges(session.grant.manifests, session.grant.edges, manifest);
    if (session.grant.events) this.#log.adopt(session.grant.session_id);
    session.keepAlive(
      () => this.#position(),
      (error) => void this.#handle(error),
    );
    this.#listener.granted(session.grant);
  }

  async #openSession(titleId: string): Promise<Session> {
    const { preview } = this.#options;
    if (!preview) return await Session.open(titleId, this.#ending.signal);
    const session = Session.of(preview);
    await session.beat(0); // for a fresh media token: the grant may be of a try before
    return session;
  }

  async #build(): Promise<Player> {
    const { signal } = this.#ending;
    const { video } = this.#stage;
    const [shaka, { lines }] = await Promise.all([loadShaka(), capabilities()]);
    await new Promise((resolve) => setTimeout(resolve)); // the wish for a session leaves before the player is made
    const player = this.#prepared?.player ?? makePlayer(shaka, this.#profile, this.#holder, lines);
    await attach(player, this.#stage, this.#profile, signal);
    if (signal.aborted) {
      void player.destroy();
      signal.throwIfAborted();
    }
    this.#player = player;
    this.#addControlsOnceShown(shaka, player);
    this.#memory = new TrackMemory(player, this.#profile, this.#listener.announce);
    watchTraffic(player, {
      keyAsked: () => this.#log.emit("licenserequest"),
      keyCame: () => this.#log.emit("licenseresponse"),
      failed: (uri, code) => this.#scene.failedAt(this.#edges.nameOf(uri), code, this.#log),
    });
    this.#holder.segment = (uri, bytes) => this.#came(uri, bytes);
    this.#prepared?.early.forEach(([uri, bytes]) => this.#came(uri, bytes));
    observe(player, video, this.#log, this.#scene, signal);
    this.#connection.watch(player);
    player.addEventListener("error", (event) => void this.#handle((event as CustomEvent).detail));
    video.addEventListener("playing", () => this.#plays(), { signal });
    video.addEventListener("ended", () => this.#end(), { signal });
    this.#heartbeat = setInterval(() => this.#log.emit("heartbeat"), HEARTBEAT_MS);
    Object.assign(window, { marquee: { player, video, events: this.#log.history } });
    return player;
  }

  /** The picture comes first; the controls do not wait for one that is slow. */
  #addControlsOnceShown(shaka: Shaka, player: Player): void {
    const { signal } = this.#ending;
    const add = (): void => {
      if (!signal.aborted) this.#overlay ??= addControls(shaka, player, this.#stage, signal);
    };
    const { video } = this.#stage;
    video.addEventListener("loadeddata", () => video.requestVideoFrameCallback(() => setTimeout(add)), {
      once: true,
      signal,
    });
    setTimeout(add, CONTROLS_MS);
  }

  #came(uri: string, bytes: number): void {
    const edge = this.#edges.nameOf(uri);
    this.#scene.servedBy(edge, this.#log);
    if (edge) this.#log.fetched(edge, bytes);
  }

  #plays(): void {
    this.#connection.waits(false);
    this.#listener.phase("playing");
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
    const preload = this.#takePreload(link.url);
    if (!preload) player.configure("streaming.segmentPrefetchLimit", NO_PREFETCH); // it would slow down the first picture
    this.#loading = "now";
    try {
      if (preload && this.#prepared?.parsed) this.#log.emit("manifestloaded");
      if (preload) await player.load(preload, seconds);
      else await player.load(link.url, seconds > 0 ? seconds : null, link.type);
      this.#loading = "done";
    } finally {
      if (this.#loading === "now") this.#loading = "no";
    }
    player.configure("streaming.segmentPrefetchLimit", NO_PREFETCH);
    this.#scene.started();
    if (this.#ending.signal.aborted) return;
    if (!paused) this.play();
    restoreCaptions(player, this.#profile);
    if (this.#options.quality) holdQuality(player, this.#options.quality);
    this.#memory?.resume();
    await Promise.all([this.#addThumbnails(player), this.#addChapters(player)]);
  }

  /** What was loaded ahead of a manifest; good once. */
  #takePreload(url: string): Prepared["preload"] {
    const { preload = null, url: loaded } = this.#prepared ?? {};
    if (this.#prepared) this.#prepared.preload = null;
    if (loaded === url) return preload;
    void preload?.destroy();
    return null;
  }

  async #addChapters(player: Player): Promise<void> {
    const chapters = this.#session?.grant.chapters ?? [];
    await addChapters(player, chapters).catch((error: errors.PlayError) => this.#report(error));
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
    if (this.#connection.gone && errors.isOfNetwork(error)) return this.#wait(error);
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
      if (this.#player) await this.#load(this.#player, seconds, paused);
    } catch (error) {
      await this.#handle(error);
    }
  }

  /** Until the network is there again; what is buffered plays on meanwhile. */
  #wait(error: unknown): void {
    if (this.#waiting) return;
    this.#report(errors.asPlayError(error));
    this.#waiting = true;
    this.#connection.whenBack(() => this.#goOn());
  }

  /** From what is buffered, or by a load where it has not come so far. */
  #goOn(): void {
    this.#waiting = false;
    this.#handled = null;
    const goesOn = this.#loading !== "no" && this.#player?.retryStreaming(0.1);
    if (!goesOn) void this.#begin();
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
    void this.#player?.unload();
    this.#connection.waits(false);
    const reference = failure.traceId ?? this.#session?.grant.session_id ?? null;
    this.#listener.failure({ ...failure, traceId: reference });
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
    if (this.#player) keepThroughput(this.#player);
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
