import { expect, test, vi } from "vitest";

import { MediaAccess } from "../src/player/media";

const OLD = "2.media.1.2.3.0..4.mac";
const NEW = "2.media.1.2.3.0..9.cam";
const segment = (token: string): string => `https://edge-a.example/m/${token}/1/2/video/h264-360p/1.m4s`;

function access(expiresIn = 600, fails = false) {
  const renew = vi.fn(() => {
    if (fails) return Promise.reject(new Error("the API is away"));
    media.take({ token: NEW, expires_in: 600 });
    return Promise.resolve();
  });
  const media = new MediaAccess({ token: OLD, expires_in: expiresIn }, renew);
  return { media, renew };
}

test("every request goes out with the newest token", async () => {
  const { media, renew } = access();
  media.take({ token: NEW, expires_in: 600 });
  const request = { uris: [segment(OLD), segment(OLD)] };
  await media.sign(request);
  expect(request.uris).toEqual([segment(NEW), segment(NEW)]);
  expect(renew).not.toHaveBeenCalled();
});

test("a token that ends is renewed first", async () => {
  const { media, renew } = access(2);
  const request = { uris: [segment(OLD)] };
  await media.sign(request);
  expect(request.uris).toEqual([segment(NEW)]);
  await media.sign(request);
  expect(renew).toHaveBeenCalledOnce();
});

test("while a token lasts, requests do not wait for the next one", async () => {
  let [answer, asked] = [(): void => undefined, 0];
  const renew = (): Promise<void> => new Promise((done) => void (asked++, (answer = done)));
  const media = new MediaAccess({ token: OLD, expires_in: 10 }, renew);
  const first = { uris: [segment(OLD)] };
  await media.sign(first);
  await media.sign({ uris: [segment(OLD)] });
  expect([first.uris, asked]).toEqual([[segment(OLD)], 1]);
  media.take({ token: NEW, expires_in: 600 });
  answer();
  const next = { uris: [segment(OLD)] };
  await media.sign(next);
  expect([next.uris, asked]).toEqual([[segment(NEW)], 1]);
});

test("a renewal that fails leaves the decision to the edge", async () => {
  const { media, renew } = access(2, true);
  const request = { uris: [segment(OLD)] };
  await media.sign(request);
  expect(request.uris).toEqual([segment(OLD)]);
  await media.sign(request);
  expect(renew).toHaveBeenCalledTimes(2);
});

test.each([
  "https://api.example/v1/playback-sessions/3/manifest.mpd?token=2.manifest.1.2.3.0..4.mac",
  "https://edge-a.example/m/2.thumbs.1.2.3.0..4.mac/1/2/thumbs/1.jpg",
  "https://edge-a.example/1/2/art/poster.jpg",
])("%s is left alone", async (uri) => {
  const { media, renew } = access(0);
  const request = { uris: [uri] };
  await media.sign(request);
  expect(request.uris).toEqual([uri]);
  expect(renew).not.toHaveBeenCalled();
});
