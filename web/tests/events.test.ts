import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ApiError } from "../src/api/client";
import { BATCH, CAPACITY, EventQueue, ViewLog, type PlayerEvent } from "../src/player/events";

type Sent = PlayerEvent[];

/** An API that keeps each event once per (session, seq), as the real one does, and fails when told to. */
function door() {
  const kept = new Map<string, PlayerEvent>();
  const state = { failure: null as Error | null, batches: [] as number[] };
  const take = (body: string): void => {
    const { events } = JSON.parse(body) as { events: Sent };
    state.batches.push(events.length);
    for (const event of events) kept.set(`${event.session_id} ${event.seq}`, event);
  };
  const send = async (body: string): Promise<void> => {
    if (state.failure) throw state.failure;
    take(body);
  };
  const beacon = (body: string): boolean => (take(body), true);
  return { kept, state, queue: new EventQueue(send, beacon) };
}

function view(queue: EventQueue): ViewLog {
  const log = new ViewLog(queue, () => ({ position_ms: 1000 }));
  log.adopt("7");
  return log;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("events wait for a batch and arrive in order", async () => {
  const { kept, state, queue } = door();
  const log = view(queue);
  log.emit("viewstart");
  log.emit("firstframe");
  expect(kept.size).toBe(0);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([...kept.values()].map((event) => [event.seq, event.name])).toEqual([
    [0, "viewstart"],
    [1, "firstframe"],
  ]);
  expect(state.batches).toEqual([2]);
  expect(queue.size).toBe(0);
});

test("what happens before the session is granted is sent under its name", async () => {
  const { kept, queue } = door();
  const log = new ViewLog(queue, () => ({ position_ms: 0 }));
  log.emit("viewstart", {}, 5);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(kept.size).toBe(0);
  log.adopt("42");
  log.emit("loadstart");
  await queue.flush();
  expect([...kept.keys()]).toEqual(["42 0", "42 1"]);
  expect(kept.get("42 0")?.viewer_time_ms).toBe(5);
});

test("a second session within a view counts anew", async () => {
  const { kept, queue } = door();
  const log = view(queue);
  log.emit("viewstart");
  log.emit("viewend");
  log.adopt("8");
  log.emit("viewstart");
  await queue.flush();
  expect([...kept.keys()]).toEqual(["7 0", "7 1", "8 0"]);
});

test("an outage loses nothing", async () => {
  const { kept, state, queue } = door();
  const log = view(queue);
  state.failure = new ApiError(503, "unavailable", "");
  for (let i = 0; i < BATCH + 5; i++) log.emit("heartbeat");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(kept.size).toBe(0);
  state.failure = null;
  await vi.advanceTimersByTimeAsync(120_000);
  expect(kept.size).toBe(BATCH + 5);
  expect(Math.max(...state.batches)).toBeLessThanOrEqual(BATCH);
});

test("tries grow rarer during an outage", async () => {
  let tries = 0;
  const queue = new EventQueue(
    async () => {
      tries++;
      throw new TypeError("no network");
    },
    () => false,
  );
  view(queue).emit("viewstart");
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(tries).toBeGreaterThan(8);
  expect(tries).toBeLessThan(30);
});

test("a batch that the API refuses does not block the next one", async () => {
  const { kept, state, queue } = door();
  const log = view(queue);
  state.failure = new ApiError(422, "invalid-input", "");
  log.emit("viewstart");
  await queue.flush();
  state.failure = null;
  log.emit("viewend");
  await queue.flush();
  expect([...kept.keys()]).toEqual(["7 1"]);
});

test("the queue is bounded and keeps the newest", () => {
  const { queue, kept } = door();
  const log = view(queue);
  for (let i = 0; i < CAPACITY + 50; i++) log.emit("heartbeat");
  expect(queue.size).toBe(CAPACITY);
  queue.beacon();
  expect(kept.has("7 49")).toBe(false);
  expect(kept.has(`7 ${CAPACITY + 49}`)).toBe(true);
  expect(queue.size).toBe(0);
});

test("what has come from each edge is told now and then, and counted anew with a new session", async () => {
  const { kept, queue } = door();
  const log = view(queue);
  log.fetched("edge-a", 100);
  log.emit("firstframe");
  log.fetched("edge-a", 50);
  log.emit("heartbeat");
  log.fetched("edge-b", 7);
  log.emit("cdnchange");
  log.adopt("8");
  log.emit("viewstart");
  log.emit("viewend");
  await queue.flush();
  const a = { edge: "edge-a", segments: 2, bytes: 150 };
  expect([...kept.values()].map((event) => event.fetched)).toEqual([
    undefined,
    [a],
    [a, { edge: "edge-b", segments: 1, bytes: 7 }],
    undefined,
    undefined,
  ]);
});
