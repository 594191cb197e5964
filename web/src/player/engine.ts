/** Shaka set up for one view: its configuration, its traffic signed and watched, its UI on the stage. */

import { LANGUAGE_CHANGED, pageLocale } from "../lib/words";
import { uiConfig } from "./controls";
import { KEY, LICENSE, signRequest } from "./drm";
import { isInterruption, TOKEN_REFUSED, urlOf, type PlayError } from "./errors";
import { pictureLimits } from "./limits";
import { loadPreferences, savePreferences } from "./preferences";
import type { Session } from "./session";
import type { Overlay, Player, Shaka } from "./shaka";
import { startQuality } from "./throughput";
import { preferredTracks } from "./tracks";

const SEGMENT = 1; // shaka.net.NetworkingEngine.RequestType

/** Times in ms. Short of Shaka's own, so that a dead edge is left before the buffer runs dry. */
const RETRY = {
  maxAttempts: 2,
  baseDelay: 300,
  backoffFactor: 2,
  fuzzFactor: 0.5,
  timeout: 15_000,
  stallTimeout: 5_000,
  connectionTimeout: 5_000,
};

export const FONT_SCALE = { small: 0.75, medium: 1, large: 1.5 };

export interface Stage {
  frame: HTMLElement; // what is as wide as the controls
  container: HTMLElement; // Shaka's
  video: HTMLVideoElement;
}

/** The session that a player's requests are made for. */
export interface Holder {
  session: Session | null;
}

/** A player without a stage. `lines` is the tallest picture that this device decodes smoothly. */
export function makePlayer(shaka: Shaka, profile: string | null, holder: Holder, lines: number | null): Player {
  const player = new shaka.Player();
  const { size, saver } = loadPreferences(profile);
  player.configure({
    streaming: { observeQualityChanges: true, retryParameters: RETRY },
    manifest: { retryParameters: RETRY },
    drm: { retryParameters: RETRY },
    abr: { restrictToElementSize: true },
    preferredDecodingAttributes: ["smooth", "powerEfficient"],
    textDisplayer: { fontScaleFactor: FONT_SCALE[size] },
    ...preferredTracks(profile),
  });
  player.configure(pictureLimits(saver, lines));
  player.configure(startQuality());
  player.getNetworkingEngine()?.registerRequestFilter(async (type, request) => {
    signRequest(type, request, holder.session?.grant ?? null);
    await holder.session?.media.sign(request);
  });
  return player;
}

export interface Traffic {
  keyAsked(): void;
  keyCame(): void;
  segment(uri: string): void;
  failed(uri: string, code: number): void;
}

interface FailedDownload {
  requestType: number;
  error: PlayError | null;
  httpResponseCode: number;
  aborted: boolean;
}

export interface Engine {
  player: Player;
  overlay: Overlay;
}

/** Puts a player on the stage. */
export async function buildEngine(
  shaka: Shaka,
  player: Player,
  stage: Stage,
  profile: string | null,
  signal: AbortSignal,
): Promise<Engine> {
  const { frame, container, video } = stage;
  const overlay = new shaka.ui.Overlay(player, container, video);
  // The whole app goes full screen, and stays so from one title to the next. Shaka takes no other element than a div.
  overlay.configure({ ...uiConfig(frame.clientWidth < 640), fullScreenElement: document.getElementById("app") });
  const translate = (): void => overlay.getControls()?.getLocalization()?.changeLocale([pageLocale()]);
  translate();
  window.addEventListener(LANGUAGE_CHANGED, translate, { signal });
  const { volume, muted } = loadPreferences(profile);
  Object.assign(video, { volume, muted });
  const keepVolume = (): void => savePreferences(profile, { volume: video.volume, muted: video.muted });
  video.addEventListener("volumechange", keepVolume, { signal });
  await player.attach(video);
  return { player, overlay };
}

export function watchTraffic(player: Player, traffic: Traffic): void {
  const net = player.getNetworkingEngine();
  net?.registerRequestFilter((type) => {
    if (type === LICENSE || type === KEY) traffic.keyAsked();
  });
  net?.registerResponseFilter((type, response, context) => {
    if (type === LICENSE || type === KEY) traffic.keyCame();
    const media = context?.stream?.type;
    if (type === SEGMENT && (media === "video" || media === "audio")) traffic.segment(response.uri);
  });
  player.addEventListener("downloadfailed", (event) => {
    const { requestType, error, httpResponseCode, aborted } = event as Event & FailedDownload;
    const uri = error && urlOf(error);
    if (requestType !== SEGMENT || !uri || aborted || isInterruption(error)) return;
    if (!TOKEN_REFUSED.has(httpResponseCode)) traffic.failed(uri, error.code);
  });
}
