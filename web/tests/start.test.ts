import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { attention, Attention, LONGEST_MS, MOST_TITLES } from "../src/player/attention";
import { findDecoding } from "../src/player/decoding";
import { followBuffer, pictureLimits } from "../src/player/limits";
import type { Player } from "../src/player/shaka";
import { keepThroughput, startQuality, startThroughput } from "../src/player/throughput";

const WEEK_MS = 7 * 24 * 3_600_000;

beforeEach(() => void vi.stubGlobal("navigator", {}));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function storage() {
  const kept = new Map<string, string>();
  return { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) };
}

interface Told {
  abr: { bandwidthUpgradeTarget: number; bandwidthDowngradeTarget: number };
}

const measured = (estimatedBandwidth: number, bytesDownloaded: number): Player =>
  ({ getStats: () => ({ estimatedBandwidth, bytesDownloaded }) }) as unknown as Player;

test("a playback begins below what the last one has measured", () => {
  const store = storage();
  keepThroughput(measured(8e6, 5e6), store, 0);
  const rate = startThroughput(store, WEEK_MS - 1);
  expect(rate).toBeGreaterThan(4e6);
  expect(rate).toBeLessThan(8e6);
  expect(startQuality(rate)).toMatchObject({ abr: { defaultBandwidthEstimate: rate, useNetworkInformation: false } });
});

test("what is old, was hardly measured, or was measured on another network says nothing", () => {
  const store = storage();
  for (const [rate, bytes] of [
    [8e6, 1_000],
    [NaN, 5e6],
    [0, 5e6],
  ] as const) {
    keepThroughput(measured(rate, bytes), store, 0);
    expect(startThroughput(store, 1)).toBeNull();
  }
  keepThroughput(measured(8e6, 5e6), store, 0);
  expect(startThroughput(store, WEEK_MS)).toBeNull();
  vi.stubGlobal("navigator", { connection: { type: "cellular" } });
  expect(startThroughput(store, 1)).toBeNull();
  expect(startQuality(null)).toEqual({});
});

/** As a device that decodes these codecs, smoothly up to so many lines. */
function device(smooth: Record<string, number>): void {
  const decodingInfo = ({ video }: MediaDecodingConfiguration) => {
    const codec = /codecs="(\w+)/.exec(video?.contentType ?? "")?.[1] ?? "";
    const lines = smooth[codec];
    return Promise.resolve({ supported: lines !== undefined, smooth: (video?.height ?? 0) <= (lines ?? 0) });
  };
  vi.stubGlobal("navigator", { mediaCapabilities: { decodingInfo } });
}

test("a device names the codecs that it plays, and the tallest picture that it plays smoothly", async () => {
  device({ avc1: 1080, av01: 480 });
  expect(await findDecoding()).toEqual({ codecs: ["avc1", "av01"], lines: 1080 });
  device({ avc1: 720, hvc1: 2160 });
  expect(await findDecoding()).toEqual({ codecs: ["avc1", "hvc1"], lines: 2160 });
});

test("where nothing is known to be smooth, nothing is limited", async () => {
  device({ avc1: 0 });
  expect(await findDecoding()).toEqual({ codecs: ["avc1"], lines: null });
  vi.stubGlobal("navigator", {}); // without Media Capabilities
  vi.stubGlobal("MediaSource", { isTypeSupported: (type: string) => type.includes("vp09") });
  expect(await findDecoding()).toEqual({ codecs: ["vp09"], lines: null });
});

const most = (saver: boolean, lines: number | null): number =>
  (pictureLimits(saver, lines) as { abr: { restrictions: { maxPixels: number } } }).abr.restrictions.maxPixels;

test("pictures stay within what the device decodes and what the viewer wants to spend", () => {
  expect(most(false, null)).toBe(Infinity);
  expect(most(false, 1080)).toBeGreaterThanOrEqual(1920 * 1080);
  expect(most(false, 1080)).toBeLessThan(2560 * 1440);
  expect(most(true, 1080)).toBeGreaterThanOrEqual(854 * 480);
  expect(most(true, 1080)).toBeLessThan(1280 * 544); // the widescreen picture of 720 lines
});

test("the more lies ahead, the larger a picture may be; a data saver keeps little ahead", () => {
  vi.useFakeTimers();
  const configure = vi.fn();
  let [end, saving] = [0, false];
  const buffered = { length: 1, start: () => 0, end: () => end };
  const video = Object.assign(new EventTarget(), { buffered, currentTime: 0 }) as unknown as HTMLVideoElement;
  followBuffer({ configure } as unknown as Player, video, () => saving, new AbortController().signal);
  const play = (seconds: number): void => {
    end = seconds;
    vi.advanceTimersByTime(10_000);
    video.dispatchEvent(new Event("timeupdate"));
    video.dispatchEvent(new Event("timeupdate"));
  };
  for (const seconds of [0, 5, 7, 13, 29, 29, 2]) play(seconds);
  const told = configure.mock.calls.slice(1).map(([config]) => config as Told);
  expect(told.map((each) => each.abr.bandwidthDowngradeTarget)).toEqual([0.5, 0.8, 1.2, 2, 0.5]);
  for (const { abr } of told) expect(abr.bandwidthUpgradeTarget).toBeLessThan(abr.bandwidthDowngradeTarget);
  saving = true;
  play(2);
  expect(configure.mock.lastCall?.[0]).toMatchObject({ streaming: { bufferingGoal: 12 } });
});

test("after some titles that began by themselves, or hours without a hand, somebody is asked for", () => {
  vi.useFakeTimers();
  const watched = new Attention();
  for (let n = 0; n < MOST_TITLES; n++) {
    expect(watched.manyTitles).toBe(false);
    watched.began();
  }
  expect(watched.manyTitles).toBe(true);
  watched.acted();
  expect([watched.manyTitles, watched.longAgo]).toEqual([false, false]);
  vi.advanceTimersByTime(LONGEST_MS);
  expect(watched.longAgo).toBe(true);
  watched.acted();
  expect(watched.longAgo).toBe(false);
  expect(attention.manyTitles).toBe(false);
});
