import { expect, test } from "vitest";

import { sources } from "../src/lib/artwork";
import { facetValue } from "../src/lib/format";
import * as router from "../src/lib/router";
import { moved, suggestionPath } from "../src/lib/suggesting";
import { isBack, isTelevision } from "../src/lib/television";

const parse = (address: string): router.Route => {
  const { pathname, search } = new URL(address, "http://localhost");
  return router.parseRoute(pathname, search);
};

test("addresses that can be shared lead back to what they were made from", () => {
  const odd = "science fiction/ü?&#";
  expect(parse(router.genrePath(odd))).toEqual({ page: "genre", genre: odd });
  expect(parse(router.languagePath("pt-BR"))).toEqual({ page: "language", language: "pt-BR" });
  expect(parse(router.personPath("12"))).toEqual({ page: "person", personId: "12" });
  expect(parse(router.seriesPath("the-coast"))).toEqual({ page: "series", slug: "the-coast" });
  expect(parse(router.collectionPath("lights"))).toEqual({ page: "collection", slug: "lights" });
  expect(router.LISTS.map((list) => parse(router.listPath(list)))).toEqual(
    router.LISTS.map((list) => ({ page: "list", list })),
  );
});

test("a search keeps its words and what narrows it", () => {
  const narrowed = { genre: "drama", decade: "1990" };
  expect(parse(router.searchPath("a & b", narrowed))).toEqual({ page: "search", query: "a & b", narrowed });
  expect(parse(router.searchPath(""))).toEqual({ page: "search", query: "", narrowed: {} });
  expect(parse("/search?q=a&other=b")).toEqual({ page: "search", query: "a", narrowed: {} });
});

test("what is no address of ours is no page", () => {
  for (const address of ["/genres", "/genres/a/b", "/people/%E0%A4%A", "/profiles/x", "/NEW"])
    expect(parse(address), address).toEqual({ page: "missing" });
});

test("arrows go round suggestions, past the field", () => {
  const down = [0, 1, 2, 3].reduce<number[]>((at) => [...at, moved(at.at(-1)!, 3, "ArrowDown")], [-1]);
  expect(down).toEqual([-1, 0, 1, 2, -1]);
  for (const at of [-1, 0, 1, 2]) expect(moved(moved(at, 3, "ArrowDown"), 3, "ArrowUp")).toBe(at);
  expect(moved(1, 3, "Home")).toBe(1);
});

test("a suggestion leads to what it names", () => {
  const at = (one: object): string => suggestionPath({ kind: "title", text: "a b", ...one });
  expect(at({ title_id: "1" })).toBe("/title/1");
  expect(at({ kind: "person", person_id: "2" })).toBe("/people/2");
  expect(at({ kind: "series", series: "the-coast" })).toBe("/series/the-coast");
  expect(at({ kind: "genre", genre: "drama" })).toBe("/genres/drama");
  expect(at({})).toBe("/search?q=a+b");
});

test("facets are in words", () => {
  expect([facetValue("genre", "drama"), facetValue("language", "ja"), facetValue("kind", "film")]).toEqual([
    "Drama",
    "Japanese",
    "Films",
  ]);
  expect([facetValue("decade", "1990"), facetValue("kind", "newsreel")]).toEqual(["1990s", "Newsreel"]);
});

test("televisions are known, and the keys by which they lead back", () => {
  expect(isTelevision("Mozilla/5.0 (Linux; Tizen 7.0; SMART-TV) AppleWebKit/537.36")).toBe(true);
  expect(isTelevision("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0")).toBe(false);
  expect(isBack({ key: "Unidentified", keyCode: 461 }, true)).toBe(true);
  expect([false, true].map((writes) => isBack({ key: "Backspace", keyCode: 8 }, writes))).toEqual([true, false]);
  expect(isBack({ key: "Enter", keyCode: 13 }, false)).toBe(false);
});

test("a picture is asked for in the width that it is shown in", () => {
  const url = "https://edge.example/1/2/art/poster.jpg";
  expect(sources(url, "poster", [240, 480])).toBe(
    "https://edge.example/1/2/art/240/poster.webp 240w, https://edge.example/1/2/art/480/poster.webp 480w, " +
      `${url} 1000w`,
  );
  expect(sources(url, "poster", [])).toBeUndefined();
});
