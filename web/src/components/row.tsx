import { useEffect, useRef, useState } from "preact/hooks";

import { listTitles } from "../api/client";
import type { TitleCard } from "../api/types";
import { words } from "../lib/format";
import { useLoad } from "../lib/load";
import { genrePath } from "../lib/router";
import { Card, CardSkeletons } from "./card";
import { NextIcon, PreviousIcon } from "./icons";
import { Link } from "./link";

/** A shelf that scrolls sideways: by touch, wheel and keys as the browser does it, and by two buttons. */
function Shelf({ label, items }: { label: string; items: TitleCard[] | null }) {
  const list = useRef<HTMLUListElement>(null);
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
  }, [items]);

  const turn = (direction: 1 | -1): void => {
    const el = list.current;
    el?.scrollBy({ left: direction * el.clientWidth * 0.85 }); // how: scroll-behavior in the style sheet
  };
  return (
    <div class="shelf">
      {!ends.start && (
        <button type="button" class="shelf-turn previous" aria-label={`${label}: back`} onClick={() => turn(-1)}>
          <PreviousIcon />
        </button>
      )}
      <ul ref={list} class="shelf-items" onScroll={measure} aria-busy={!items}>
        {items ? (
          items.map((title) => (
            <li key={title.title_id}>
              <Card title={title} />
            </li>
          ))
        ) : (
          <CardSkeletons count={8} />
        )}
      </ul>
      {!ends.end && (
        <button type="button" class="shelf-turn next" aria-label={`${label}: more`} onClick={() => turn(1)}>
          <NextIcon />
        </button>
      )}
    </div>
  );
}

/** One genre. `known` are its titles when the whole catalogue is already here; otherwise they are asked for. */
export function GenreRow({ genre, known }: { genre: string; known: TitleCard[] | null }) {
  const load = useLoad(`${genre} ${known?.length ?? ""}`, async (signal) =>
    known ? known : (await listTitles({ genre }, signal)).items,
  );
  if (load.state === "failed") return null; // the other rows and the whole list still stand
  const items = known ?? (load.state === "ready" ? load.value : null);
  return (
    <section class="row">
      <div class="row-head">
        <h2>{words(genre)}</h2>
        <Link to={genrePath(genre)} class="quiet-link">
          See all<span class="visually-hidden"> {words(genre)}</span>
        </Link>
      </div>
      <Shelf label={words(genre)} items={items} />
    </section>
  );
}

export function RowSkeleton() {
  return (
    <section class="row" aria-hidden="true">
      <div class="row-head">
        <span class="skeleton line heading" />
      </div>
      <Shelf label="" items={null} />
    </section>
  );
}
