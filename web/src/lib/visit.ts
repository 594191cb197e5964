/** A visit: one showing of the home page, and what the viewer saw and chose from it on. */

import { openVisit } from "../api/playback";
import type { HomeRows, RowItem } from "../api/types";
import type { BrowseEvent, BrowseName } from "../player/events";
import { queue } from "./queue";

type Details = Omit<BrowseEvent, "version" | "visit_id" | "seq" | "name" | "viewer_time_ms">;
type Sink = { push(event: BrowseEvent): void };

/** Where a title was chosen, so that its playback can be told to come from there. */
type Choice = Pick<Details, "row" | "position">;

export class Visit {
  readonly #queue: Sink;
  readonly #choices = new Map<string, Choice>();
  readonly #shown = new Set<string>();
  #waiting: BrowseEvent[] = [];
  #id = "";
  #seq = 0;
  #source: Pick<Details, "generation" | "arm"> = {};
  #rows: HomeRows["rows"] = [];
  readonly #rowOf = new Map<string, readonly RowItem[]>(); // that a title was chosen from

  constructor(opened: Promise<string>, sink: Sink) {
    this.#queue = sink;
    opened.then(
      (id) => this.#adopt(id),
      () => (this.#waiting = []), // without a visit there is nothing to report on; the page works all the same
    );
  }

  /** The rows' answer, which the events from now on belong to. */
  from({ generation, arm, rows }: HomeRows): void {
    this.#rows = rows;
    this.#source = { ...(generation && { generation }), ...(arm && { arm }) };
  }

  /** A row came into view. `place` tells rows of one kind apart; each is reported once. */
  shown(row: string, place: number, titles: string[]): void {
    const key = `${place} ${row}`;
    if (this.#shown.has(key)) return;
    this.#shown.add(key);
    this.#emit("shown", { row, titles });
  }

  searched(query: string, results: number): void {
    this.#emit("search", { query, results });
  }

  selected(titleId: string, choice: Choice): void {
    this.#choices.set(titleId, choice);
    const row = this.#rows.find(({ kind, items }) => kind === choice.row && items.some((i) => i.title_id === titleId));
    if (row && row.kind !== "continue") this.#rowOf.set(titleId, row.items);
    this.#emit("select", { titles: [titleId], ...choice });
  }

  /** What stands after the title in the row that it was chosen from; the titles begun stand there for no reason. */
  following(titleId: string): RowItem | null {
    const row = this.#rowOf.get(titleId) ?? [];
    const place = row.findIndex((item) => item.title_id === titleId);
    return place < 0 ? null : (row[place + 1] ?? null);
  }

  /** After one title comes the next, because the viewer has asked for it or by itself. */
  goesOn(titleId: string, nextId: string, asked: boolean): void {
    const row = this.#rowOf.get(titleId);
    if (row) this.#rowOf.set(nextId, row);
    const choice = { row: "next", position: 0 };
    if (asked) this.selected(nextId, choice);
    else this.#choices.set(nextId, choice);
  }

  played(titleId: string, sessionId: string): void {
    this.#emit("play", { titles: [titleId], session_id: sessionId, ...this.#choices.get(titleId) });
  }

  #emit(name: BrowseName, details: Details): void {
    const event: BrowseEvent = {
      version: 1,
      visit_id: this.#id,
      seq: this.#seq++,
      name,
      viewer_time_ms: Date.now(),
      ...details,
      ...this.#source,
    };
    if (this.#id) this.#queue.push(event);
    else this.#waiting.push(event);
  }

  #adopt(id: string): void {
    this.#id = id;
    for (const event of this.#waiting) this.#queue.push({ ...event, visit_id: id });
    this.#waiting = [];
  }
}

let current: Visit | null = null;

/** A new visit, for a home page that is being shown now. */
export function beginVisit(): Visit {
  current = new Visit(openVisit(), queue);
  return current;
}

/** The visit that goes on; null when the viewer came to a title by a link of its own. */
export const currentVisit = (): Visit | null => current;

if (typeof window !== "undefined") window.addEventListener("pagehide", () => queue.beacon());
