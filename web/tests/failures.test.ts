import { beforeAll, expect, test, vi } from "vitest";

import { ApiError, parseProblem } from "../src/api/client";
import type { ManifestLink } from "../src/api/types";
import { Edges } from "../src/player/edges";
import { describeError, describeProblem, remedy, type PlayError } from "../src/player/errors";

beforeAll(() => void vi.stubGlobal("location", { href: "https://api.example/" }));

const DASH = "application/dash+xml";
const HLS = "application/vnd.apple.mpegurl";
const EDGES = ["edge-a", "edge-b"].map((name) => ({ name, url: `https://${name}.example` }));
const LINKS: ManifestLink[] = EDGES.flatMap(({ name: edge }) => [
  { url: `https://api.example/manifest.mpd?edge=${edge}`, type: DASH, edge },
  { url: `https://api.example/master.m3u8?edge=${edge}`, type: HLS, edge },
]);

function status(code: number, { body = "", requestType = 1 } = {}): PlayError {
  return { severity: 2, category: 1, code: 1001, data: ["https://edge-a.example/1.m4s", code, body, {}, requestType] };
}
const PROBLEM = JSON.stringify({
  type: "https://marquee.example/problems/forbidden",
  title: "Forbidden",
  detail: "Not covered.",
  trace_id: "abc",
});

test("a dead edge gives way to the next one, and comes back after a rest", () => {
  const edges = new Edges(LINKS, EDGES, null);
  expect(edges.take(0)?.url).toBe("https://api.example/manifest.mpd?edge=edge-a");
  expect(edges.hasSpare(0)).toBe(true);
  expect(edges.failed(1_000)).toBe(true);
  expect(edges.take(1_000)?.edge).toBe("edge-b");
  expect(edges.hasSpare(1_000)).toBe(false);
  expect(edges.failed(2_000)).toBe(false);
  expect(edges.take(2_000)).toBeNull();
  expect(edges.take(62_000)?.edge).toBe("edge-a");
});

test("an HLS playlist is of one edge, a DASH manifest of all", () => {
  const hls = new Edges(LINKS, EDGES, "hls");
  hls.take(0);
  hls.failed(1_000);
  expect(hls.take(1_000)?.edge).toBe("edge-b");
  expect(hls.isLeft("https://edge-a.example/2.m4s")).toBe(true);
  expect(hls.isLeft("https://edge-b.example/2.m4s")).toBe(false);
  expect(hls.within).toBe(1);
  const dash = new Edges(LINKS, EDGES, "dash");
  dash.take(0);
  expect(dash.isLeft("https://edge-b.example/2.m4s")).toBe(false);
  expect(dash.within).toBe(2);
});

test("a kind of manifest can be forced", () => {
  expect(new Edges(LINKS, EDGES, "hls").take()?.type).toBe(HLS);
  expect(new Edges(LINKS, EDGES, null).take()?.type).toBe(DASH);
});

test("what may still save a playback", () => {
  expect(remedy(status(503), 0)).toBe("other-edge");
  expect(remedy(status(404), 0)).toBe("other-edge");
  expect(remedy(status(403), 5_000)).toBe("give-up");
  expect(remedy(status(403), 120_000)).toBe("new-session");
  expect(remedy(status(503, { requestType: 6 }), 120_000)).toBe("give-up");
  const licence = { severity: 2, category: 6, code: 6007, data: [status(401, { requestType: 2 })] };
  expect(remedy(licence, 120_000)).toBe("new-session");
  expect(remedy({ severity: 2, category: 3, code: 3016, data: [] }, 0)).toBe("give-up");
});

test("a problem behind a failed licence is told as it is, and a refusal is not a fault", () => {
  const licence = { severity: 2, category: 6, code: 6007, data: [status(403, { body: PROBLEM })] };
  expect(describeError(licence)).toMatchObject({
    advice: "Your account does not cover this title.", // by its type; the detail is for programmers
    traceId: "abc",
    business: true,
    code: "6007",
  });
});

test("every error has words", () => {
  for (let category = 0; category < 12; category++) {
    const failure = describeError({ severity: 2, category, code: category * 1000 + 1, data: [] });
    expect(failure.heading).not.toBe("");
    expect(failure.advice).not.toBe("");
  }
});

test("problems are read from their bodies, and only from problems", () => {
  expect(parseProblem(403, PROBLEM)).toMatchObject({ type: "forbidden", message: "Not covered.", traceId: "abc" });
  for (const body of ["", "<html>", "null", "[]", '{"detail":"x"}']) expect(parseProblem(500, body)).toBeNull();
});

test("an outage of the service is no refusal", () => {
  expect(describeProblem(new ApiError(503, "unavailable", "")).business).toBe(false);
  expect(describeProblem(new ApiError(0, "offline", "")).category).toBe("network");
  expect(describeProblem(new ApiError(409, "conflict", "Kitchen TV is playing.")).advice).toBe("Another browser may.");
  expect(describeProblem(new ApiError(502, "unknown", "")).heading).toBe("Something broke on our side");
});
