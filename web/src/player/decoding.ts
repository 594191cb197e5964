/** What this device decodes, and up to which size without dropping frames (W3C Media Capabilities). */

interface Probe {
  lines: number; // of a 16:9 box
  bitrate: number; // bit/s, as services send it at this size
  level: "hd" | "uhd";
}

const PROBES: readonly Probe[] = [
  { lines: 480, bitrate: 1_500_000, level: "hd" },
  { lines: 720, bitrate: 3_000_000, level: "hd" },
  { lines: 1080, bitrate: 6_000_000, level: "hd" },
  { lines: 2160, bitrate: 18_000_000, level: "uhd" },
];
const FRAMERATE = 30;

/** By codec family, the codec strings of level 4 or 5.1, or what comes next to it. */
const CODECS: Record<string, Record<Probe["level"], string>> = {
  avc1: { hd: "avc1.640028", uhd: "avc1.640033" },
  vp09: { hd: "vp09.00.41.08", uhd: "vp09.00.51.08" },
  av01: { hd: "av01.0.08M.08", uhd: "av01.0.12M.08" },
  hvc1: { hd: "hvc1.1.6.L120.90", uhd: "hvc1.1.6.L150.90" },
};

export const mimeOf = (codec: string, level: Probe["level"] = "hd"): string =>
  `video/mp4; codecs="${CODECS[codec]?.[level] ?? codec}"`;

/** `codecs` that play at all; `lines` is the tallest picture that plays smoothly in any of them, null if unknown. */
export interface Decoding {
  codecs: string[];
  lines: number | null;
}

async function decodes(codec: string, { lines, bitrate, level }: Probe): Promise<{ plays: boolean; smooth: boolean }> {
  const contentType = mimeOf(codec, level);
  const size = { width: Math.round((lines * 16) / 9), height: lines };
  try {
    const video = { contentType, ...size, bitrate, framerate: FRAMERATE };
    const { supported, smooth } = await navigator.mediaCapabilities.decodingInfo({ type: "media-source", video });
    return { plays: supported, smooth: supported && smooth };
  } catch {
    return { plays: MediaSource.isTypeSupported(contentType), smooth: false }; // older than Media Capabilities
  }
}

/** The codec's name if it plays, and the tallest picture in it that plays smoothly; 0 where none is known to. */
async function probe(codec: string): Promise<{ codec: string; plays: boolean; lines: number }> {
  const answers = await Promise.all(PROBES.map((size) => decodes(codec, size)));
  const smooth = PROBES.filter((_, i) => answers[i]?.smooth).map(({ lines }) => lines);
  return { codec, plays: answers.some(({ plays }) => plays), lines: Math.max(0, ...smooth) };
}

export async function findDecoding(): Promise<Decoding> {
  const playing = (await Promise.all(Object.keys(CODECS).map(probe))).filter(({ plays }) => plays);
  return {
    codecs: playing.map(({ codec }) => codec),
    lines: Math.max(0, ...playing.map(({ lines }) => lines)) || null,
  };
}
