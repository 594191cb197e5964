import { expect, test } from "vitest";

import type { Row, RowItem } from "../src/api/types";
import { nextOf } from "../src/lib/next";
import { Visit } from "../src/lib/visit";
import type { BrowseEvent } from "../src/player/events";

const item = (title_id: string, series = ""): RowItem =>
  ({ title_id, episode: series ? { series, season: 1, number: Number(title_id) } : null }) as RowItem;
const row = (kind: Row["kind"], ...items: RowItem[]): Row =>
  ({ kind, title: "", reason: "", reason_code: "", names: [], items }) as Row;

test("an episode leads to the next one, whatever else there is", () => {
  const rows = [row("continue", item("9"), item("2", "Lighthouse")), row("for_you", item("5"))];
  expect(nextOf(item("1", "Lighthouse"), rows, item("7"))?.title_id).toBe("2");
  expect(nextOf(item("1", "Another"), rows, item("7"))?.title_id).toBe("7");
});

test("a film leads on in its row, else to the best of the rows, else nowhere", () => {
  const rows = [row("continue", item("9")), row("new", item("3")), row("for_you", item("1"), item("5"))];
  expect(nextOf(item("1"), rows, item("7"))?.title_id).toBe("7");
  expect(nextOf(item("1"), rows, null)?.title_id).toBe("5");
  expect(nextOf(item("1"), [row("continue", item("9"))], null)).toBeNull();
});

test("a visit leads on through the row that a title was chosen from", () => {
  const kept: BrowseEvent[] = [];
  const visit = new Visit(new Promise(() => undefined), { push: (event) => kept.push(event) });
  visit.from({ generation: null, arm: null, rows: [row("continue", item("1")), row("top10", item("1"), item("2"))] });
  visit.selected("1", { row: "continue", position: 0 });
  expect(visit.following("1")).toBeNull(); // what was begun has no order to follow
  visit.selected("1", { row: "top10", position: 0 });
  expect(visit.following("1")?.title_id).toBe("2");
  visit.goesOn("1", "2", false);
  expect(visit.following("2")).toBeNull();
  expect(visit.following("8")).toBeNull();
});
