import { expect, test } from "vitest";

import { parseRoute, NEW_PROFILE, PROFILES } from "../src/lib/router";
import { Visit } from "../src/lib/visit";
import type { BrowseEvent } from "../src/player/events";
import { currentProfile, noteProfile } from "../src/player/preferences";

function visited() {
  const kept: BrowseEvent[] = [];
  let open: (id: string) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const opened = new Promise<string>((resolve, reject) => ([open, fail] = [resolve, reject]));
  const visit = new Visit(opened, { push: (event) => kept.push(event) });
  return { visit, kept, open, fail, told: () => opened.catch(() => undefined).then(() => undefined) };
}

test("what happens before the visit is opened is sent under its name, in order", async () => {
  const { visit, kept, open, told } = visited();
  visit.from({ generation: "9", arm: "row-order:control", rows: [] });
  visit.shown("for_you", 0, ["1", "2"]);
  visit.selected("2", { row: "for_you", position: 1 });
  expect(kept).toEqual([]);
  open("7");
  await told();
  visit.played("2", "55");
  expect(kept.map(({ visit_id, seq, name }) => [visit_id, seq, name])).toEqual([
    ["7", 0, "shown"],
    ["7", 1, "select"],
    ["7", 2, "play"],
  ]);
  expect(kept.every(({ generation, arm, version }) => generation === "9" && arm && version === 1)).toBe(true);
});

test("a row is reported once, and rows of one kind apart", async () => {
  const { visit, kept, open, told } = visited();
  open("7");
  await told();
  for (let i = 0; i < 3; i++) {
    visit.shown("because", 2, ["1"]);
    visit.shown("because", 3, ["2"]);
  }
  expect(kept.map(({ titles }) => titles)).toEqual([["1"], ["2"]]);
});

test("a playback names the row it was chosen from, and none where it was not", async () => {
  const { visit, kept, open, told } = visited();
  open("7");
  await told();
  visit.selected("1", { row: "top10", position: 4 });
  visit.played("1", "50");
  visit.played("2", "51");
  expect(kept[1]).toMatchObject({ name: "play", titles: ["1"], session_id: "50", row: "top10", position: 4 });
  expect(kept[2]).toMatchObject({ name: "play", titles: ["2"], session_id: "51" });
  expect(kept[2]).not.toHaveProperty("row");
});

test("before the first recommendations no generation is named", async () => {
  const { visit, kept, open, told } = visited();
  visit.from({ generation: null, arm: null, rows: [] });
  visit.searched("lantern", 3);
  open("7");
  await told();
  expect(kept[0]).toMatchObject({ name: "search", query: "lantern", results: 3 });
  expect(kept[0]).not.toHaveProperty("generation");
  expect(kept[0]).not.toHaveProperty("arm");
});

test("a visit that cannot be opened keeps nothing and breaks nothing", async () => {
  const { visit, kept, fail, told } = visited();
  visit.shown("new", 0, ["1"]);
  fail(new Error("no network"));
  await told();
  visit.selected("1", { row: "new", position: 0 });
  expect(kept).toEqual([]);
});

test("who watches here is remembered, and forgotten with the sign-in", () => {
  const kept = new Map<string, string>();
  const store = {
    getItem: (k: string) => kept.get(k) ?? null,
    setItem: (k: string, v: string) => void kept.set(k, v),
    removeItem: (k: string) => void kept.delete(k),
  };
  noteProfile("2", store);
  expect(currentProfile(store)).toBe("2");
  noteProfile(null, store);
  expect(currentProfile(store)).toBeNull();
});

test("the profiles have pages of their own", () => {
  expect(parseRoute(PROFILES, "")).toEqual({ page: "profiles" });
  expect(parseRoute(NEW_PROFILE, "")).toEqual({ page: "new-profile" });
  expect(parseRoute("/profiles/889417031168004096", "")).toEqual({ page: "profile", profileId: "889417031168004096" });
  expect(parseRoute("/profiles/ada", "")).toEqual({ page: "missing" });
});
