import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Row as RowAnswer } from "../api/types";
import { useExposure } from "../lib/exposure";
import { rowWords } from "../lib/format";
import { listPath, LISTS } from "../lib/router";
import type { Visit } from "../lib/visit";
import { say } from "../lib/words";
import { Card, CardSkeletons } from "./card";
import { NextIcon, PreviousIcon } from "./icons";
import { Link } from "./link";

/** A shelf of the home page: what it is, why it is there, and its titles. Reports being seen and what is chosen. */
export function Row({ row, place, visit }: { row: RowAnswer; place: number; visit: Visit }) {
  const section = useRef<HTMLElement>(null);
  const list = useRef<HTMLElement>(null);
  const id = `row-${place}`;
  const key = row.items.map((item) => item.title_id).join(" ");
  useExposure(section, () => visit.shown(row.kind, place, inView(list.current)), `${row.kind} ${key}`);
  const ranked = row.kind === "top10";
  const { title, reason } = rowWords(row);
  return (
    <section class={`row ${row.kind}`} ref={section} aria-labelledby={id}>
      <div class="row-head">
        <h2 id={id}>{title}</h2>
        <p class="row-reason">{reason}</p>
        <WholeList kind={row.kind} />
      </div>
      <Shelf label={title} count={row.items.length} list={list} ranked={ranked}>
        {row.items.map((item, position) => (
          <li key={item.title_id} data-title={item.title_id}>
            {ranked && (
              <span class="numeral">
                <span class="visually-hidden">{say("rows.place", { place: position + 1 })}</span>
                <span aria-hidden="true">{position + 1}</span>
              </span>
            )}
            <Card
              title={item}
              resume={row.kind === "continue"}
              onFollow={() => visit.selected(item.title_id, { row: row.kind, position })}
            />
          </li>
        ))}
      </Shelf>
    </section>
  );
}

/** The page of a list that the row is the beginning of. */
function WholeList({ kind }: { kind: string }) {
  const list = LISTS.find((name) => name === kind);
  if (!list) return null;
  return (
    <Link to={listPath(list)} class="quiet-link">
      {say("list.all", { list: say(`list.${list}`) })}
    </Link>
  );
}

/** Ids of the titles of which at least half is inside the window's width. */
function inView(list: HTMLElement | null): string[] {
  const items = [...(list?.querySelectorAll<HTMLElement>("[data-title]") ?? [])];
  const seen = items.filter((item) => {
    const { left, right, width } = item.getBoundingClientRect();
    return Math.min(right, window.innerWidth) - Math.max(left, 0) >= width / 2;
  });
  return seen.map((item) => item.dataset.title ?? "");
}

interface ShelfProps {
  label: string;
  count: number;
  list: { current: HTMLElement | null };
  ranked?: boolean;
  busy?: boolean;
  children: ComponentChildren;
}

/** Scrolls sideways: by touch, wheel and keys as the browser does it, and by two buttons. */
export function Shelf({ label, count, list, ranked = false, busy = false, children }: ShelfProps) {
  const [ends, setEnds] = useState({ start: true, end: true });

  const measure = (): void => {
    const el = list.current;
    if (el) setEnds({ start: el.scrollLeft < 8, end: el.scrollLeft + el.clientWidth > el.scrollWidth - 8 });
  };
  useEffect(() => {
    const el = list.current;
    if (!el) return;
    const observer = new ResizeObserver(measure);
    observer.observe(el);
    return () => observer.disconnect();
  }, [count]);

  const turn = (direction: 1 | -1): void => {
    const el = list.current;
    el?.scrollBy({ left: direction * el.clientWidth * 0.85 }); // how: scroll-behavior in the style sheet
  };
  const shared = { class: ranked ? "shelf-items ranked" : "shelf-items", onScroll: measure, "aria-busy": busy };
  return (
    <div class="shelf">
      {!ends.start && (
        <button
          type="button"
          class="shelf-turn previous"
          aria-label={say("rows.back", { row: label })}
          onClick={() => turn(-1)}
        >
          <PreviousIcon />
        </button>
      )}
      {ranked ? (
        <ol ref={(el) => void (list.current = el)} {...shared}>
          {children}
        </ol>
      ) : (
        <ul ref={(el) => void (list.current = el)} {...shared}>
          {children}
        </ul>
      )}
      {!ends.end && (
        <button
          type="button"
          class="shelf-turn next"
          aria-label={say("rows.on", { row: label })}
          onClick={() => turn(1)}
        >
          <NextIcon />
        </button>
      )}
    </div>
  );
}

export function RowSkeleton() {
  const list = useRef<HTMLElement>(null);
  return (
    <section class="row" inert>
      <div class="row-head">
        <span class="skeleton line heading" />
      </div>
      <Shelf label="" count={0} list={list} busy>
        <CardSkeletons count={8} />
      </Shelf>
    </section>
  );
}
