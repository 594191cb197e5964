/** How large pictures the player takes by itself. A quality that the viewer picks by hand is not limited. */

import type { Player } from "./shaka";

const SAVER_LINES = 480; // of a 16:9 box: about a quarter of the bytes of 1080 lines
const BUFFER_S = 30;
const SAVER_BUFFER_S = 12; // what is fetched and not watched is lost
const LOOK_MS = 2_000; // half a segment
const ROOM = 0.9; // of the share that keeps a picture, the share that takes a larger one
// By seconds that lie ahead, the most bandwidth that a picture may name, in shares of what the link gives. Manifests name
// peaks, of about twice the mean. Chosen by simulation: docs/adr/0040.
const SHARES = [
  [20, 2],
  [12, 1.2],
  [6, 0.8],
  [0, 0.5],
] as const;

const pixelsOf = (lines: number): number => Math.round(((lines * 16) / 9) * lines * 1.03); // widths are rounded up

/** Shaka's configuration for a data saver, and for a device that decodes up to `lines` smoothly (null: unknown). */
export function pictureLimits(saver: boolean, lines: number | null): object {
  const most = Math.min(lines ?? Infinity, saver ? SAVER_LINES : Infinity);
  return { abr: { restrictions: { maxPixels: pixelsOf(most) } } };
}

/**
 * Takes larger pictures while much lies ahead, and smaller ones while little does: what is buffered outlasts a bad minute
 * of the link, and a link that is used well fills it again. The rule is that of Huang et al., "A Buffer-Based Approach to
 * Rate Adaptation" (SIGCOMM 2014), on top of Shaka's estimate of the link.
 */
export function followBuffer(
  player: Player,
  video: HTMLVideoElement,
  isSaving: () => boolean,
  signal: AbortSignal,
): void {
  let [set, goal, looked] = [0, 0, -LOOK_MS];
  const take = (share: number): void => {
    if (set === (set = share)) return;
    const targets = { bandwidthUpgradeTarget: ROOM * share, bandwidthDowngradeTarget: share };
    player.configure({ abr: { ...targets, switchInterval: LOOK_MS / 1000 } });
  };
  const keepAhead = (): void => {
    if (goal === (goal = isSaving() ? SAVER_BUFFER_S : BUFFER_S)) return;
    player.configure({ streaming: { bufferingGoal: goal } });
  };
  const look = (): void => {
    if (performance.now() - looked < LOOK_MS) return;
    looked = performance.now();
    take(shareOf(ahead(video)));
    keepAhead();
  };
  keepAhead();
  video.addEventListener("timeupdate", look, { signal });
}

const shareOf = (seconds: number): number => SHARES.find(([from]) => seconds >= from)?.[1] ?? 1;

/** Seconds that can be played from here without the network. */
function ahead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let n = 0; n < buffered.length; n++)
    if (buffered.start(n) <= currentTime && currentTime <= buffered.end(n)) return buffered.end(n) - currentTime;
  return 0;
}
