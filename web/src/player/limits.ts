/** How large pictures the player takes by itself. A quality that the viewer picks by hand is not limited. */

import type { Player } from "./shaka";

const SAVER_LINES = 480; // of a 16:9 box: about a quarter of the bytes of 1080 lines
const BUFFER_S = 30;
const SAVER_BUFFER_S = 12; // what is fetched and not watched is lost
const SCARCE_BUFFER_S = 15; // where the link is just enough: what lies ahead has the picture that it allowed then
const PLENTY = 2; // times what the picture takes
const LOOK_MS = 4_000;

const pixelsOf = (lines: number): number => Math.round(((lines * 16) / 9) * lines * 1.03); // widths are rounded up

/** Shaka's configuration for a data saver, and for a device that decodes up to `lines` smoothly (null: unknown). */
export function pictureLimits(saver: boolean, lines: number | null): object {
  const most = Math.min(lines ?? Infinity, saver ? SAVER_LINES : Infinity);
  return { abr: { restrictions: { maxPixels: pixelsOf(most) } } };
}

/**
 * Fetches far ahead only while the link gives much more than the picture takes: a buffer that was filled on a bad link
 * keeps the bad picture on the screen for as long as it lasts.
 */
export function followLink(
  player: Player,
  video: HTMLVideoElement,
  isSaving: () => boolean,
  signal: AbortSignal,
): void {
  let [goal, looked] = [0, -LOOK_MS];
  const want = (seconds: number): void => {
    if (seconds !== goal) player.configure({ streaming: { bufferingGoal: (goal = seconds) } });
  };
  const look = (): void => {
    if (performance.now() - looked < LOOK_MS) return;
    looked = performance.now();
    const { estimatedBandwidth, streamBandwidth } = player.getStats();
    if (isSaving()) want(SAVER_BUFFER_S);
    else want(estimatedBandwidth > PLENTY * streamBandwidth ? BUFFER_S : SCARCE_BUFFER_S);
  };
  want(isSaving() ? SAVER_BUFFER_S : SCARCE_BUFFER_S);
  video.addEventListener("timeupdate", look, { signal });
}
