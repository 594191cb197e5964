/** Shaka set up for one view: its configuration, its traffic signed and watched, its UI on the stage. */

import type { Grant } from "../api/types";
import { LANGUAGE_CHANGED, pageLocale } from "../lib/words";
import { uiConfig } from "./controls";
import { KEY, LICENSE, signRequest } from "./drm";
import { isInterruption, TOKEN_REFUSED, urlOf, type PlayError } from "./errors";
import { followBuffer, pictureLimits } from "./limits";
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

/**
 * What a player says of itself to the edges (CMCD, CTA-5004-B), as far as Shaka knows it and without the keys that quote
 * addresses: those hold a token, and edges write down what they are told. Nothing here names a person.
 */
const CMCD_KEYS = "bl br bs cid d dl ec mtp ot pr rtp sf sid sn st sta su tb v".split(" ");
export const FONT_SCALE = { small: 0.75, medium: 1, large: 1.5 };

export interface Stage {
  frame: HTMLElement; // what is as wide as the controls
  container: HTMLElement; // Shaka's
  video: HTMLVideoElement;
}

/** The session that a player's requests are made for, and who is told of each segment of picture and sound. */
export interface Holder {
  session: Session | null;
  segment: (uri: string, bytes: number) => void;
}

/** A player without a stage. `lines` is the tallest picture that this device decodes smoothly. */
export function makePlayer(shaka: Shaka, profile: string | null, holder: Holder, lines: number | null): Player {
  const player = new shaka.Player();
  const { size, saver } = loadPreferences(profile);
  player.configure({
    // Times in our manifests are exact: no earlier segment is fetched to be sure.
    streaming: { observeQualityChanges: true, retryParameters: RETRY, inaccurateManifestTolerance: 0 },
    manifest: { retryParameters: RETRY },
    drm: { retryParameters: RETRY },
    abr: { restrictToElementSize: true },
    preferredDecodingAttributes: ["smooth", "powerEfficient"],
    textDisplayer: { fontScaleFactor: FONT_SCALE[size] },
    ...preferredTracks(profile),
  });
  player.configure(pictureLimits(saver, lines));
  player.configure(startQuality());
  const net = player.getNetworkingEngine();
  net?.registerRequestFilter(async (type, request) => {
    signRequest(type, request, holder.session?.grant ?? null);
    await holder.session?.media.sign(request);
  });
  net?.registerResponseFilter((type, response, context) => {
    const media = context?.stream?.type;
    if (type === SEGMENT && (media === "video" || media === "audio"))
      holder.segment(response.uri, response.data.byteLength);
  });
  return player;
}

export interface Traffic {
  keyAsked(): void;
  keyCame(): void;
  failed(uri: string, code: number): void;
}

interface FailedDownload {
  requestType: number;
  error: PlayError | null;
  httpResponseCode: number;
  aborted: boolean;
}

/** Puts a player on the stage; captions stand on it already, the controls come by `addControls`. */
export async function attach(
  player: Player,
  { container, video }: Stage,
  profile: string | null,
  signal: AbortSignal,
): Promise<void> {
  player.setVideoContainer(container);
  const { volume, muted } = loadPreferences(profile);
  Object.assign(video, { volume, muted });
  followBuffer(player, video, () => loadPreferences(profile).saver, signal);
  const keepVolume = (): void => savePreferences(profile, { volume: video.volume, muted: video.muted });
  video.addEventListener("volumechange", keepVolume, { signal });
  await player.attach(video);
}

/** Shaka's controls around the picture. Making them takes as long as a start does otherwise. */
export function addControls(shaka: Shaka, player: Player, stage: Stage, signal: AbortSignal): Overlay {
  const { frame, container, video } = stage;
  const overlay = new shaka.ui.Overlay(player, container, video);
  // The whole app goes full screen, and stays so from one title to the next. Shaka takes no other element than a div.
  overlay.configure({ ...uiConfig(frame.clientWidth < 640), fullScreenElement: document.getElementById("app") });
  const translate = (): void => overlay.getControls()?.getLocalization()?.changeLocale([pageLocale()]);
  translate();
  window.addEventListener(LANGUAGE_CHANGED, translate, { signal });
  return overlay;
}

/** Has requests of media say whose they are from the next load on. */
export function nameSession(player: Player, grant: Grant, titleId: string): void {
  const cmcd = { enabled: true, version: 2, includeKeys: CMCD_KEYS };
  player.configure({ cmcd: { ...cmcd, sessionId: grant.session_id, contentId: titleId } });
}

export function watchTraffic(player: Player, traffic: Traffic): void {
  const net = player.getNetworkingEngine();
  net?.registerRequestFilter((type) => {
    if (type === LICENSE || type === KEY) traffic.keyAsked();
  });
  net?.registerResponseFilter((type) => {
    if (type === LICENSE || type === KEY) traffic.keyCame();
  });
  player.addEventListener("downloadfailed", (event) => {
    const { requestType, error, httpResponseCode, aborted } = event as Event & FailedDownload;
    const uri = error && urlOf(error);
    if (requestType !== SEGMENT || !uri || aborted || isInterruption(error)) return;
    if (!TOKEN_REFUSED.has(httpResponseCode)) traffic.failed(uri, error.code);
  });
}
