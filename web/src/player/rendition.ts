const CODECS: Record<string, string> = {
  avc1: "h264",
  avc3: "h264",
  hvc1: "hevc",
  hev1: "hevc",
  vp09: "vp9",
  av01: "av1",
};

/** A rendition's name as the pipeline has it, e.g. "h264-720p": codec and shorter side. */
export function renditionName(codecs: string | null, width: number | null, height: number | null): string | null {
  const family = codecs
    ?.split(",")
    .map((codec) => CODECS[codec.trim().split(".")[0] ?? ""])
    .find(Boolean);
  return family && width && height ? `${family}-${Math.min(width, height)}p` : null;
}

const STANDARD = [144, 240, 360, 480, 540, 720, 1080, 1440, 2160, 4320]; // lines of the usual 16:9 boxes
const NEAR = 0.03;

/** The 16:9 box that a picture fills, e.g. "720p" for 1280 × 544; the same rule as marquee/contracts/quality.py. */
export function qualityClass(width: number, height: number): string {
  const lines = Math.max(Math.min(width, height), Math.round((Math.max(width, height) * 9) / 16));
  const usual = STANDARD.reduce((best, box) => (Math.abs(box - lines) < Math.abs(best - lines) ? box : best));
  return `${Math.abs(usual - lines) <= NEAR * usual ? usual : lines}p`;
}

/** The player's word for a video track, by its quality class, with its exact size: "720p (1280×544)". */
export function qualityLabel(label: string, track: { width?: number | null; height?: number | null }): string {
  const { width, height } = track;
  if (!width || !height) return label;
  return `${label.replace(/^\d+p/, qualityClass(width, height))} (${width}×${height})`;
}
