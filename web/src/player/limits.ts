/** How large pictures the player takes by itself. A quality that the viewer picks by hand is not limited. */

import type { Player } from "./shaka";

const SAVER_LINES = 480; // of a 16:9 box: about a quarter of the bytes of 1080 lines
const BUFFER_S = 30;
const FIRST_BUFFER_S = 12; // until the link is known: what is fetched ahead has the picture that the first guess allows
const KNOWN_S = 20; // of playing
const SAVER_BUFFER_S = 12; // what is fetched and not watched is lost

const pixelsOf = (lines: number): number => Math.round(((lines * 16) / 9) * lines * 1.03); // widths are rounded up

/** Shaka's configuration for a data saver, and for a device that decodes up to `lines` smoothly (null: unknown). */
export function pictureLimits(saver: boolean, lines: number | null): object {
  const most = Math.min(lines ?? Infinity, saver ? SAVER_LINES : Infinity);
  return {
    abr: { restrictions: { maxPixels: pixelsOf(most) } },
    streaming: { bufferingGoal: bufferS(saver) },
  };
}

const bufferS = (saver: boolean): number => (saver ? SAVER_BUFFER_S : BUFFER_S);

/** Fetches little ahead at first, and as far as it may once it has played for a while. */
export function fetchAheadLater(player: Player, video: HTMLVideoElement, saver: boolean, signal: AbortSignal): void {
  const known = new AbortController();
  let [played, at] = [0, 0];
  const count = (): void => {
    const passed = video.currentTime - at;
    at = video.currentTime;
    if (passed > 0 && passed < 1) played += passed;
    if (played < KNOWN_S) return;
    known.abort();
    player.configure({ streaming: { bufferingGoal: bufferS(saver) } });
  };
  player.configure({ streaming: { bufferingGoal: Math.min(FIRST_BUFFER_S, bufferS(saver)) } });
  video.addEventListener("timeupdate", count, { signal: AbortSignal.any([signal, known.signal]) });
}
