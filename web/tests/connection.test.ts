import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Connection, type Notice } from "../src/player/connection";

const line = { onLine: true };
let page: EventTarget;

beforeEach(() => {
  vi.useFakeTimers();
  line.onLine = true;
  page = new EventTarget();
  vi.stubGlobal("window", page);
  vi.stubGlobal("navigator", line);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function connected() {
  const told: (Notice | null)[] = [];
  const ending = new AbortController();
  const connection = new Connection((notice) => told.push(notice), ending.signal);
  return { connection, told, ending };
}

function goes(onLine: boolean): void {
  line.onLine = onLine;
  page.dispatchEvent(new Event(onLine ? "online" : "offline"));
}

test("waiting is told of when it is long, and taken back with the picture", () => {
  const { connection, told } = connected();
  connection.waits(true);
  vi.advanceTimersByTime(1_000);
  connection.waits(false); // a short one is not worth a word
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([null]);
  connection.waits(true);
  vi.advanceTimersByTime(10_000);
  connection.waits(false);
  expect(told).toEqual([null, "slow", null]);
});

test("a network that is gone is told of at once, and is more than a slow one", () => {
  const { connection, told } = connected();
  connection.waits(true);
  vi.advanceTimersByTime(10_000);
  goes(false);
  goes(true);
  expect(told).toEqual([null, "slow", "offline", "slow"]);
});

test("what waits for the network is called once, when it is back; at once where it is there", () => {
  const { connection } = connected();
  const then = vi.fn();
  connection.whenBack(then);
  expect(then).toHaveBeenCalledTimes(1);
  goes(false);
  connection.whenBack(then);
  expect(then).toHaveBeenCalledTimes(1);
  for (const onLine of [true, false, true]) goes(onLine);
  expect(then).toHaveBeenCalledTimes(2);
});

test("after the end nothing is told", () => {
  const { connection, told, ending } = connected();
  connection.waits(true);
  connection.whenBack(() => told.push("slow"));
  ending.abort();
  goes(false);
  goes(true);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([null, "slow"]); // called at once, before the end
});
