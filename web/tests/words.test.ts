import { expect, test, vi } from "vitest";

import type { Mark } from "../src/api/types";
import { artwork, setting } from "../src/lib/artwork";
import { clock, country, dayOf, duration, genre, language, rating, rowWords, words } from "../src/lib/format";
import { parseRoute, titlePath, watchPath } from "../src/lib/router";
import { activeMark } from "../src/player/marks";
import { loadPreferences, savePreferences } from "../src/player/preferences";
import { renditionName } from "../src/player/rendition";
import { matching } from "../src/player/tracks";

test("times", () => {
  expect([0, 48, 3600, 6420].map(duration)).toEqual(["1 sec", "48 sec", "1 hr", "1 hr 47 min"]);
  expect([0, 61_999, 3_729_000].map(clock)).toEqual(["0:00", "1:01", "1:02:09"]);
  expect(words("science-fiction")).toBe("Science fiction");
});

test("German is spoken in lengths, days, ratings and reasons", () => {
  vi.stubGlobal("navigator", { languages: ["de-DE"] });
  expect(duration(6420)).toBe("1 Std. 47 Min.");
  expect(dayOf(Date.UTC(2021, 2, 5, 12))).toBe("5. März 2021");
  expect([rating("all"), rating("12"), country("DE"), language("fr")]).toEqual([
    "Ohne Altersgrenze",
    "Ab 12",
    "Deutschland",
    "Französisch",
  ]);
  expect([genre("science-fiction"), genre("found-footage")]).toEqual(["Science-Fiction", "Found footage"]);
  const row = { kind: "for_you" as const, title: "For you", reason: "Because", items: [], names: ["A", "B"] };
  expect(rowWords({ ...row, reason_code: "picks" }).reason).toBe("Weil Sie A und B ausgewählt haben");
  expect(rowWords({ ...row, reason_code: "of-tomorrow" })).toEqual({ title: "For you", reason: "Because" });
  vi.unstubAllGlobals();
});

test("addresses lead back to where they came from", () => {
  const id = "182736451827364518";
  expect(parseRoute(titlePath(id), "")).toEqual({ page: "title", titleId: id });
  const [path = "", search = ""] = watchPath(id, true).split("?");
  expect(parseRoute(path, `?${search}`)).toMatchObject({ page: "watch", titleId: id, restart: true, quality: null });
  expect(parseRoute(`/watch/${id}`, "?manifest=hls&quality=720")).toMatchObject({ manifest: "hls", quality: 720 });
  expect(parseRoute("/", "")).toEqual({ page: "home" });
  expect(parseRoute("/nowhere", "")).toEqual({ page: "missing" });
});

test("a title always looks the same, and titles differ", () => {
  expect(artwork("1")).toEqual(artwork("1"));
  const hues = new Set(Array.from({ length: 40 }, (_, i) => artwork(`18273645182736${i}`)["--hue"]));
  expect(hues.size).toBeGreaterThan(25);
});

test("longer names are set smaller", () => {
  const sizes = ["large", "medium", "small", "tiny"];
  const names = ["M", "The Passion of Joan of Arc", "Popeye the Sailor Meets Sindbad the Sailor", "x".repeat(80)];
  expect(names.map(setting)).toEqual(sizes);
  expect(setting("Donaudampfschifffahrt")).toBe("tiny");
});

test("a mark is offered while there is something left to skip", () => {
  const intro: Mark = { kind: "intro", start_s: 10, end_s: 40 };
  expect([9.9, 10, 38.9, 39.5, 41].map((s) => activeMark([intro], s) === intro)).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
});

test("renditions are named as the pipeline names them", () => {
  expect(renditionName("avc1.640028", 1920, 1080)).toBe("h264-1080p");
  expect(renditionName("av01.0.05M.08,mp4a.40.2", 404, 720)).toBe("av1-404p");
  expect(renditionName("mp4a.40.2", null, null)).toBeNull();
});

test("languages match exactly, then by their base", () => {
  const tracks = [{ language: "pt-BR" }, { language: "pt" }, { language: "en-GB" }];
  expect(matching(tracks, "pt")?.language).toBe("pt");
  expect(matching(tracks, "pt-PT")?.language).toBe("pt-BR");
  expect(matching(tracks, "en")?.language).toBe("en-GB");
  expect(matching(tracks, "de")).toBeNull();
  expect(matching(tracks, null)).toBeNull();
});

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

test("preferences are kept per profile, and a change keeps the rest", () => {
  const store = memory();
  savePreferences("1", { captions: "fr" }, store);
  savePreferences("1", { volume: 0.4 }, store);
  expect(loadPreferences("1", store)).toMatchObject({ volume: 0.4, muted: false, captions: "fr", audio: null });
  expect(loadPreferences("2", store)).toMatchObject({ volume: 1, captions: null });
});

test("damaged or forbidden storage gives the defaults", () => {
  const damaged = { ...memory(), getItem: () => '{"volume":"loud","muted":7' };
  const forbidden = {
    getItem: (): string => {
      throw new Error("forbidden");
    },
    setItem: () => undefined,
  };
  for (const store of [damaged, forbidden])
    expect(loadPreferences(null, store)).toMatchObject({ volume: 1, muted: false });
});
