import { afterEach, expect, test, vi } from "vitest";

import { Session } from "../src/player/session";

vi.mock("../src/player/rendition", () => ({ capabilities: () => Promise.resolve({ codecs: [], drm: [] }) }));
vi.mock("../src/api/member", () => ({
  asMember: () => Promise.resolve(new Response(JSON.stringify({ session_id: "7", token: "t", heartbeat_s: 30 }))),
}));

afterEach(() => void vi.unstubAllGlobals());

/** A session whose next beat is answered like this; a status of 0 is no answer at all. */
async function answered(status: number): Promise<Session> {
  const fetched = vi.fn<typeof fetch>();
  if (status) fetched.mockResolvedValueOnce(new Response(status === 204 ? null : "{}", { status }));
  else fetched.mockRejectedValueOnce(new TypeError("no network"));
  vi.stubGlobal("fetch", fetched);
  return await Session.open("1", new AbortController().signal);
}

test.each([503, 500, 429, 0, 204])("a beat that is answered with %d ends nothing", async (status) => {
  const session = await answered(status);
  await expect(session.beat(1000)).resolves.toBeUndefined();
});

test.each([403, 404, 409, 410])("a beat that is refused with %d ends the playback", async (status) => {
  const session = await answered(status);
  await expect(session.beat(1000)).rejects.toMatchObject({ status });
});
