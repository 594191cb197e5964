import { useEffect, useRef, useState } from "preact/hooks";

import type { ApiError } from "../api/client";
import type { RowItem, TitleCard } from "../api/types";
import { asApiError } from "../lib/load";
import { say } from "../lib/words";
import { Card } from "./card";

interface Listed {
  items: readonly (TitleCard & Partial<RowItem>)[];
  next_cursor?: string | null;
}

interface Props {
  first: Listed;
  /** The page that goes on after a cursor. */
  more?: (cursor: string, signal: AbortSignal) => Promise<Listed>;
  onFollow?: (titleId: string, position: number) => void;
  /** What stands below a title's name instead of its year and length. */
  note?: (titleId: string) => string;
}

/** A list that grows page by page. Give it a `key` that changes with what is listed. */
export function Grid({ first, more, onFollow, note }: Props) {
  const [pages, setPages] = useState([first]);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const abort = useRef<AbortController | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const fresh = useRef<number | null>(null); // the place of the first title that has just come
  useEffect(() => () => abort.current?.abort(), []);
  useEffect(() => {
    if (fresh.current !== null) list.current?.children[fresh.current]?.querySelector("a")?.focus();
    fresh.current = null;
  }, [pages]);

  const items = pages.flatMap((page) => page.items);
  const cursor = more && pages.at(-1)?.next_cursor;
  const grow = async (): Promise<void> => {
    if (busy || !cursor) return;
    setBusy(true);
    setFailed(null);
    abort.current = new AbortController();
    try {
      const page = await more(cursor, abort.current.signal);
      if (page.items.length) fresh.current = items.length;
      setPages((before) => [...before, page]);
    } catch (error) {
      if (!abort.current.signal.aborted) setFailed(asApiError(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <ul class="grid" ref={list}>
        {items.map((title, position) => (
          <li key={title.title_id}>
            <Card
              title={title}
              {...(note && { note: note(title.title_id) })}
              onFollow={() => onFollow?.(title.title_id, position)}
            />
          </li>
        ))}
      </ul>
      {cursor && (
        <div class="grid-more">
          {failed && (
            <p role="alert">
              {say("titles.more.failed")} {failed.traceId && <code>{failed.traceId}</code>}
            </p>
          )}
          <button type="button" class="button ghost" aria-busy={busy} onClick={grow}>
            {say(busy ? "loading" : failed ? "try-again" : "titles.more")}
          </button>
        </div>
      )}
    </>
  );
}
