/** How large pictures the player takes by itself. A quality that the viewer picks by hand is not limited. */

const SAVER_LINES = 480; // of a 16:9 box: about a quarter of the bytes of 1080 lines
const BUFFER_S = 30;
const SAVER_BUFFER_S = 12; // what is fetched and not watched is lost

const pixelsOf = (lines: number): number => Math.round(((lines * 16) / 9) * lines * 1.03); // widths are rounded up

/** Shaka's configuration for a data saver, and for a device that decodes up to `lines` smoothly (null: unknown). */
export function pictureLimits(saver: boolean, lines: number | null): object {
  const most = Math.min(lines ?? Infinity, saver ? SAVER_LINES : Infinity);
  return {
    abr: { restrictions: { maxPixels: pixelsOf(most) } },
    streaming: { bufferingGoal: saver ? SAVER_BUFFER_S : BUFFER_S },
  };
}
