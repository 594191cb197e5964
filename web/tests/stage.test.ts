import { expect, test, vi } from "vitest";

import type { Title } from "../src/api/types";
import { LANGUAGES } from "../src/lib/words";
import { KEYS } from "../src/player/keys";
import { metadataOf } from "../src/player/media-session";
import { Scene } from "../src/player/observe";
import type { Player } from "../src/player/shaka";
import { audioFor, describe as describeAudio, preferredTracks, toggleCaptions } from "../src/player/tracks";

const element = (readyState: number, currentTime: number) =>
  Object.assign(new EventTarget(), { readyState, currentTime }) as unknown as HTMLVideoElement;

test("while a playback starts its position is where it will begin, never 0", () => {
  expect(new Scene(element(0, 0)).position).toBeNull(); // nothing is loaded: nothing is told
  const video = element(4, 0);
  const scene = new Scene(video);
  scene.startsAt(3_000);
  expect(scene.position).toBe(3_000);
  scene.started();
  video.dispatchEvent(new Event("timeupdate")); // still at 0
  expect(scene.position).toBe(3_000);
  video.currentTime = 3_000.5;
  video.dispatchEvent(new Event("timeupdate"));
  expect(scene.position).toBe(3_000.5);
  video.currentTime = 0; // the viewer's own wish now
  expect(scene.position).toBe(0);
  scene.startsAt(0);
  scene.started();
  video.currentTime = 700; // sought before the first second has passed: of that, elements tell late
  expect(scene.position).toBe(700);
});

test("every key of the help sheet has words in every language", () => {
  for (const words of Object.values(LANGUAGES)) {
    for (const { keys, does } of KEYS) {
      expect(words[does]).toBeTruthy();
      for (const key of keys) if (typeof key !== "string") expect(words[key.word]).toBeTruthy();
    }
  }
});

type Audio = ReturnType<Player["getAudioTracks"]>[number];
const audio = (language: string, roles: string[], active = false): Audio =>
  ({ language, roles, active, accessibilityPurpose: null }) as unknown as Audio;
const SOUND = [audio("en", ["main"], true), audio("en", ["description"]), audio("de", ["dub"])];

test("description is found in the language that is heard, and left again", () => {
  expect(audioFor(SOUND, "en-GB", true)).toBe(SOUND[1]);
  expect(audioFor(SOUND, "de", true)).toBeNull();
  expect(audioFor(SOUND, "de", false)).toBe(SOUND[2]);
  const selectAudioTrack = vi.fn();
  const player = { getAudioTracks: () => SOUND, selectAudioTrack } as unknown as Player;
  expect(describeAudio(player, false)).toBe(true);
  expect(selectAudioTrack).not.toHaveBeenCalled();
  expect(describeAudio(player, true)).toBe(true);
  expect(selectAudioTrack).toHaveBeenCalledWith(SOUND[1]);
});

test("who wants description gets it in the wanted language, and that language without it where there is none", () => {
  vi.stubGlobal("localStorage", {
    getItem: () => JSON.stringify({ audio: "fr", description: true }),
    setItem: () => undefined,
  });
  expect(preferredTracks("1")).toMatchObject({
    preferredAudio: [
      { language: "fr", role: "description" },
      { language: "fr", role: "public.accessibility.describes-video" },
      { language: "fr", role: "" },
    ],
  });
  vi.unstubAllGlobals();
});

test("captions come on in the viewer's language from the first press on, and go off with the next", () => {
  const tracks = ["fr", "de", "en"].map((language) => ({ language, active: false, forced: false }));
  const selectTextTrack = vi.fn((track: unknown) => {
    for (const each of tracks) each.active = each === track;
  });
  const player = { getTextTracks: () => tracks, selectTextTrack } as unknown as Player;
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  toggleCaptions(player, "1", ["es", "de-AT"]);
  expect(selectTextTrack).toHaveBeenLastCalledWith(tracks[1]);
  toggleCaptions(player, "1", ["es", "de-AT"]);
  expect(selectTextTrack).toHaveBeenLastCalledWith(null);
  toggleCaptions(player, "1", ["es"]);
  expect(selectTextTrack).toHaveBeenLastCalledWith(tracks[0]);
  vi.unstubAllGlobals();
});

test("the system is shown the title with its place in the series and full addresses of pictures", () => {
  const title = {
    name: "The Lantern",
    year: 2020,
    episode: { series: "1", season: 2, number: 3 },
    poster_url: "/artwork/1.jpg",
    backdrop_url: null,
    backdrop_focus: null,
  } as unknown as Title;
  expect(metadataOf(title, "https://site.example/watch/1")).toEqual({
    title: "The Lantern",
    artist: "Season 2, episode 3",
    artwork: [{ src: "https://site.example/artwork/1.jpg" }],
  });
});
