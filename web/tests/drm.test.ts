import { beforeAll, expect, test, vi } from "vitest";

import type { Grant } from "../src/api/types";
import { CLEARKEY, KEY, LICENSE, signRequest } from "../src/player/drm";

const SERVER = "https://api.example/v1/licences/clearkey";
const GRANT = { drm: { servers: { [CLEARKEY]: SERVER }, token: "secret" } } as unknown as Grant;

beforeAll(() => void vi.stubGlobal("location", { href: "https://api.example/watch/1" }));

function request(uri: string) {
  return { uris: [uri], headers: {} as Record<string, string>, drmInfo: null };
}

test("a licence request goes to the session's server, not to the manifest's", () => {
  const licence = request("https://elsewhere.example/licence");
  signRequest(LICENSE, licence, GRANT);
  expect(licence.uris).toEqual([SERVER]);
});

test("a licence that is given back goes to a place of its own", () => {
  const release = { ...request("https://elsewhere.example/licence"), licenseRequestType: "license-release" };
  signRequest(LICENSE, release, GRANT);
  expect(release.uris).toEqual([`${SERVER}/release`]);
});

test("the token goes nowhere but to a licence server", () => {
  const segment = request("https://edge.example/m/t/1.m4s");
  const foreign = request("https://elsewhere.example/key.bin");
  const inline = request("data:application/json;base64,e30=");
  signRequest(1, segment, GRANT);
  signRequest(KEY, foreign, GRANT);
  signRequest(LICENSE, inline, GRANT);
  for (const { headers } of [segment, foreign, inline]) expect(headers).toEqual({});
});

test("keys that a playlist has brought stay as they are, whatever a player adds to addresses", () => {
  const inline = request("data:application/json;base64,e30=?CMCD=sid%3D%227%22%2Cv%3D2");
  signRequest(LICENSE, inline, GRANT);
  expect(inline.uris).toEqual(["data:application/json;base64,e30="]);
});
