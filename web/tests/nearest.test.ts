import { expect, test } from "vitest";

import { distance, nearest, type Box, type Direction } from "../src/lib/nearest";

/** Three rows of boxes as on the home page: the second is scrolled by half a box. */
const box = (left: number, top: number): Box => ({ left, right: left + 90, top, bottom: top + 90 });
const rows = [0, 1, 2].map((row) => [0, 1, 2, 3].map((n) => box(n * 100 - (row === 1 ? 50 : 0), row * 200)));
const boxes = rows.flat();

function move(from: number, direction: Direction): number {
  const others = boxes.filter((_, place) => place !== from);
  const found = nearest(boxes[from]!, others, direction);
  return found < 0 ? -1 : boxes.indexOf(others[found]!);
}

test("left and right stay in their row, and end with it", () => {
  expect([0, 1, 2, 3].map((n) => move(n, "right"))).toEqual([1, 2, 3, -1]);
  expect([0, 1, 2, 3].map((n) => move(n, "left"))).toEqual([-1, 0, 1, 2]);
});

test("up and down reach the next row, and back the one they came from", () => {
  for (let place = 0; place < 8; place++) {
    const below = move(place, "down");
    expect(Math.floor(below / 4)).toBe(Math.floor(place / 4) + 1);
    expect(Math.floor(move(below, "up") / 4)).toBe(Math.floor(place / 4));
  }
  expect([move(0, "up"), move(8, "down")]).toEqual([-1, -1]);
});

test("every box can be reached from every other by four arrows", () => {
  const reached = new Set([5]);
  for (const at of reached)
    for (const direction of ["left", "right", "up", "down"] as const) {
      const found = move(at, direction);
      if (found >= 0) reached.add(found);
    }
  expect(reached.size).toBe(boxes.length);
});

test("what lies straight ahead comes before what lies aside, and nothing lies where it is", () => {
  const from = box(200, 0);
  expect(distance(from, box(200, 100), "down")).toBeLessThan(distance(from, box(400, 100), "down")!);
  for (const direction of ["left", "right", "up", "down"] as const) expect(distance(from, from, direction)).toBeNull();
});
