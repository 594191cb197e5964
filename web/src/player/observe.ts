/** Turns what the media element and Shaka say into player events, with the definitions the QoE figures rest on. */

import type { Context, ViewLog } from "./events";
import type { Player } from "./shaka";
import { renditionName } from "./rendition";

interface Quality {
  codecs: string | null;
  width: number | null;
  height: number | null;
  bandwidth: number; // bit/s
}

/** The parts of an event that say where and in what quality the view is. */
export class Scene {
  rendition: string | null = null;
  bitrate: number | null = null;
  edge: string | null = null;
  #start: number | null = null;
  readonly #failing = new Set<string>(); // edges
  #loaded = false;
  readonly #video: HTMLVideoElement;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** A load is to begin at this second. Until it has, the element stands at 0, and that is no position. */
  startsAt(seconds: number): void {
    this.#start = seconds;
    this.#loaded = false;
  }

  /** The load is done: once the element has left 0, it is right again. */
  started(): void {
    this.#loaded = true;
    const move = (): void => {
      if (this.#begins) return;
      this.#video.removeEventListener("timeupdate", move);
    };
    this.#video.addEventListener("timeupdate", move);
  }

  get #begins(): boolean {
    if (this.#loaded && this.#video.currentTime !== 0) this.#start = null;
    return this.#start !== null;
  }

  /** In seconds; null while nothing is loaded. */
  get position(): number | null {
    if (this.#begins) return this.#start;
    return this.#video.readyState > 0 ? this.#video.currentTime : null;
  }

  get context(): Context {
    const dropped = this.#video.getVideoPlaybackQuality().droppedVideoFrames;
    return {
      position_ms: Math.max(0, Math.round((this.position ?? 0) * 1000)),
      ...(this.rendition && { rendition: this.rendition }),
      ...(this.bitrate && { bitrate: this.bitrate }),
      ...(dropped && { dropped_frames: dropped }),
      ...(this.edge && { edge: this.edge }),
    };
  }

  /** This rendition is on the screen. Says whether that is a change. */
  shows({ codecs, width, height, bandwidth }: Quality): boolean {
    const name = renditionName(codecs, width, height);
    const changed = this.rendition !== null && this.rendition !== name;
    this.rendition = name;
    this.bitrate = bandwidth;
    return changed;
  }

  /** A segment came from this edge. */
  servedBy(edge: string | null, log: ViewLog): void {
    if (!edge) return;
    this.#failing.delete(edge);
    if (edge === this.edge) return;
    const changed = this.edge !== null;
    this.edge = edge;
    if (changed) log.emit("cdnchange");
  }

  /** An edge gave no segment. Told once until it gives one again, also where another edge helps at once. */
  failedAt(edge: string | null, code: number, log: ViewLog): void {
    if (!edge || this.#failing.has(edge)) return;
    this.#failing.add(edge);
    log.emit("error", { edge, error: { fatal: false, category: "network", code: `${code}`, business: false } });
  }
}

/**
 * Listens until the signal ends. Waiting at start-up and while seeking is not rebuffering. A `seeking` has the position
 * that was left, a `seeked` the one that was reached: what lies between was jumped over, not watched.
 */
export function observe(
  player: Player,
  video: HTMLVideoElement,
  log: ViewLog,
  scene: Scene,
  signal: AbortSignal,
): void {
  let shown = false;
  let moving = false; // between a seek and the picture that ends it
  let stalled = false;
  let left = 0; // ms: where the picture stood last; once a seek is told of, the element is at its end already

  const on = (target: EventTarget, name: string, listener: (event: Event) => void): void =>
    target.addEventListener(name, listener, { signal });
  const firstFrame = (): void => {
    if (shown || signal.aborted) return;
    shown = true;
    const playing = player.getVariantTracks().find((track) => track.active);
    if (playing) scene.shows({ ...playing, bandwidth: playing.videoBandwidth ?? playing.bandwidth });
    log.emit("firstframe");
  };
  const stand = (): void => {
    if (!video.seeking) left = scene.context.position_ms;
  };
  const settle = (): void => {
    moving = false;
    if (!stalled) return;
    stalled = false;
    log.emit("rebufferend");
  };

  video.requestVideoFrameCallback?.(firstFrame); // younger than the browsers this may run in
  on(video, "playing", () => {
    firstFrame(); // a hidden page presents no frames
    settle();
    stand();
    log.emit("playing");
  });
  on(video, "timeupdate", stand);
  on(video, "pause", () => {
    stand();
    if (!video.ended) log.emit("pause");
  });
  on(video, "seeking", () => {
    if (!shown) return; // the jump to the resume point belongs to start-up
    moving = true;
    log.emit("seeking", { position_ms: left });
  });
  on(video, "seeked", () => shown && log.emit("seeked"));
  on(video, "ended", () => log.emit("ended"));

  // Shaka's event target takes no signal: its listeners end with the player.
  player.addEventListener("manifestparsed", () => log.emit("manifestloaded"));
  player.addEventListener("buffering", (event) => {
    const { buffering } = event as Event & { buffering: boolean };
    if (!buffering) settle();
    else if (shown && !moving && !stalled && !video.ended) {
      stalled = true;
      log.emit("rebufferstart");
    }
  });
  player.addEventListener("mediaqualitychanged", (event) => {
    const { quality } = event as Event & { quality: Quality & { contentType: string } };
    if (quality.contentType !== "video") return;
    if (scene.shows(quality)) log.emit("renditionchange");
  });
}
