import { beforeEach, expect, test, vi } from "vitest";

import type { Preferences } from "../src/api/types";
import { adoptPreferences, asKept, fromKept, loadPreferences, savePreferences } from "../src/player/preferences";

const { sent, answer } = vi.hoisted(() => ({
  sent: [] as [string, Preferences][],
  answer: { fails: false },
}));
vi.mock("../src/api/profiles", () => ({
  putPreferences: (profile: string, wanted: Preferences) => {
    sent.push([profile, wanted]);
    return answer.fails ? Promise.reject(new Error("no network")) : Promise.resolve(wanted);
  },
}));

function storage() {
  const kept = new Map<string, string>();
  return { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) };
}

const FOUND: Preferences = {
  audio_language: null,
  audio_description: true,
  text_on: true,
  text_language: "de",
  text_size: "large",
  text_background: false,
  text_colour: "yellow",
  data_saver: true,
  autoplay_next: false,
};

beforeEach(() => {
  sent.length = 0;
  answer.fails = false;
});

test("what the API keeps of a profile takes the place of what was kept here, but for the volume", () => {
  const store = storage();
  savePreferences("1", { volume: 0.5 }, store);
  adoptPreferences("1", FOUND, store);
  expect(loadPreferences("1", store)).toMatchObject({ volume: 0.5, muted: false, captions: "de", size: "large" });
  expect(asKept(loadPreferences("1", store))).toEqual(FOUND);
  adoptPreferences("1", { text_on: false, autoplay_next: true }, store);
  expect(loadPreferences("1", store)).toMatchObject({ captions: null, background: true, autoplay: true });
});

test("the API's form of the preferences and the player's turn into each other", () => {
  expect(asKept({ ...loadPreferences("2", storage()), ...fromKept(FOUND) })).toEqual(FOUND);
  const off = { ...FOUND, text_on: false }; // which language they had is not forgotten
  expect(asKept({ ...loadPreferences("2", storage()), ...fromKept(off) })).toEqual(off);
});

test("a choice is sent with all others; the volume belongs to the device", () => {
  const store = storage();
  adoptPreferences("3", FOUND, store);
  savePreferences("3", { volume: 0.2, muted: true }, store);
  expect(sent).toEqual([]);
  savePreferences("3", { captions: null }, store);
  expect(sent).toEqual([["3", { ...FOUND, text_on: false }]]);
});

test("before the API has told its preferences, and for guests, nothing of it is overwritten", () => {
  const store = storage();
  savePreferences("4", { captions: "en" }, store);
  savePreferences(null, { captions: "en" }, store);
  expect(sent).toEqual([]);
  expect(loadPreferences(null, store).captions).toBe("en");
});

test("a choice made without a network holds here, and is sent when the API is asked again", async () => {
  const store = storage();
  adoptPreferences("5", FOUND, store);
  answer.fails = true;
  savePreferences("5", { saver: false }, store);
  await Promise.resolve();
  answer.fails = false;
  adoptPreferences("5", FOUND, store); // as after a reload
  expect(loadPreferences("5", store).saver).toBe(false);
  expect(sent.at(-1)).toEqual(["5", { ...FOUND, data_saver: false }]);
  await vi.waitFor(() => {
    adoptPreferences("5", FOUND, store); // from then on the API has the word again
    expect(loadPreferences("5", store).saver).toBe(true);
  });
});

test("what is broken in a browser's storage is no choice", () => {
  for (const broken of ["", "null", "7", "{", '{"volume": "loud", "size": 3, "colour": "mauve"}']) {
    const store = { getItem: () => broken, setItem: () => undefined };
    expect(loadPreferences("6", store)).toMatchObject({ volume: 1, size: "medium", colour: "white", saver: false });
  }
});
