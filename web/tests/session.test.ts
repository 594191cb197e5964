import { afterEach, expect, test, vi } from "vitest";

import { Session } from "../src/player/session";

const { GRANT, FRESH } = vi.hoisted(() => ({
  GRANT: { session_id: "7", token: "t", heartbeat_s: 30, media: { token: "2.media.old", expires_in: 600 } },
  FRESH: { token: "2.media.new", expires_in: 600 },
}));
vi.mock("../src/player/capabilities", () => ({ capabilities: () => Promise.resolve({ codecs: [], drm: [] }) }));
vi.mock("../src/api/member", () => ({
  asMember: () => Promise.resolve(new Response(JSON.stringify(GRANT))),
}));

afterEach(() => void vi.unstubAllGlobals());

/** A session whose next beat is answered like this; a status of 0 is no answer at all. */
async function answered(status: number): Promise<Session> {
  const fetched = vi.fn<typeof fetch>();
  if (status) fetched.mockResolvedValueOnce(new Response(JSON.stringify(FRESH), { status }));
  else fetched.mockRejectedValueOnce(new TypeError("no network"));
  vi.stubGlobal("fetch", fetched);
  return await Session.open("1", new AbortController().signal);
}

test.each([503, 500, 429, 0, 200])("a beat that is answered with %d ends nothing", async (status) => {
  const session = await answered(status);
  await expect(session.beat(1000)).resolves.toBeUndefined();
});

test.each([403, 404, 409, 410])("a beat that is refused with %d ends the playback", async (status) => {
  const session = await answered(status);
  await expect(session.beat(1000)).rejects.toMatchObject({ status });
});

test("a beat brings the token with which media are fetched from then on", async () => {
  const session = await answered(200);
  const request = { uris: ["https://edge-a.example/m/2.media.old/1/2/audio/en/1.m4s"] };
  await session.beat(1000);
  await session.media.sign(request);
  expect(request.uris).toEqual(["https://edge-a.example/m/2.media.new/1/2/audio/en/1.m4s"]);
});
