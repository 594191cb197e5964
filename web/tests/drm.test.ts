import { beforeAll, expect, test, vi } from "vitest";

import type { Grant } from "../src/api/types";
import { CLEARKEY, KEY, kidOf, LICENSE, signRequest, unwrapKey } from "../src/player/drm";

const KID = "cc0102030405060708090a0b0c0d0e0f";
const SERVER = "https://api.example/v1/licences/clearkey";
const GRANT = { drm: { servers: { [CLEARKEY]: SERVER }, token: "secret" } } as unknown as Grant;

beforeAll(() => void vi.stubGlobal("location", { href: "https://api.example/watch/1" }));

function request(uri: string) {
  return { uris: [uri], method: "GET", headers: {} as Record<string, string>, body: null as never, drmInfo: null };
}

test.each([`../../keys/${KID}`, "https://edge.example/m/t/keys/CC010203-0405-0607-0809-0a0b0c0d0e0f"])(
  "a key id is read from the end of %s",
  (uri) => {
    expect(Buffer.from(kidOf(uri) ?? []).toString("hex")).toBe(KID);
  },
);

test.each(["https://edge.example/key", `https://edge.example/${KID}/key.bin`, "abc123"])("%s ends with none", (uri) => {
  expect(kidOf(uri)).toBeNull();
});

test("an HLS key request becomes a ClearKey licence request, and stays one when tried again", () => {
  const key = request(`https://edge-a.example/m/t/keys/${KID}`);
  for (const _ of [1, 2]) {
    key.headers = {};
    signRequest(KEY, key, GRANT);
    expect(key.uris).toEqual([SERVER]);
    expect(key.method).toBe("POST");
    expect(key.headers["Authorization"]).toBe("Bearer secret");
    const { kids } = JSON.parse(new TextDecoder().decode(key.body)) as { kids: string[] };
    expect(kids.map((kid) => Buffer.from(kid, "base64url").toString("hex"))).toEqual([KID]);
  }
});

test("a licence becomes the raw key", () => {
  const key = Buffer.from("c1c2c3c4c5c6c7c8c9cacbcccdcecfd0", "hex");
  const licence = { keys: [{ kty: "oct", k: key.toString("base64url"), kid: "x" }], type: "temporary" };
  const response = { data: new TextEncoder().encode(JSON.stringify(licence)) as ArrayBufferView, headers: {} };
  unwrapKey(KEY, response);
  expect(Buffer.from(response.data as Uint8Array)).toEqual(key);
  unwrapKey(KEY, response);
  expect(Buffer.from(response.data as Uint8Array)).toEqual(key);
});

test("a licence request goes to the session's server, not to the manifest's", () => {
  const licence = request("https://elsewhere.example/licence");
  signRequest(LICENSE, licence, GRANT);
  expect(licence.uris).toEqual([SERVER]);
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
