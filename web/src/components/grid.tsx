import { useEffect, useRef, useState } from "preact/hooks";

import { listTitles, type TitleFilter } from "../api/catalogue";
import type { ApiError } from "../api/client";
import type { TitlePage } from "../api/types";
import { asApiError } from "../lib/load";
import { say } from "../lib/words";
import { Card } from "./card";

interface Props {
  filter: TitleFilter;
  first: TitlePage;
  onFollow?: (titleId: string, position: number) => void;
}

/** A list that grows page by page. Give it a `key` that changes with the filter. */
export function Grid({ filter, first, onFollow }: Props) {
  const [pages, setPages] = useState([first]);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const cursor = pages.at(-1)?.next_cursor;
  const more = async (): Promise<void> => {
    if (busy || !cursor) return;
    setBusy(true);
    setFailed(null);
    abort.current = new AbortController();
    try {
      const page = await listTitles({ ...filter, cursor }, abort.current.signal);
      setPages((before) => [...before, page]);
    } catch (error) {
      if (!abort.current.signal.aborted) setFailed(asApiError(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <ul class="grid">
        {pages
          .flatMap((page) => page.items)
          .map((title, position) => (
            <li key={title.title_id}>
              <Card title={title} onFollow={() => onFollow?.(title.title_id, position)} />
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
          <button type="button" class="button ghost" aria-busy={busy} onClick={more}>
            {say(busy ? "loading" : failed ? "try-again" : "titles.more")}
          </button>
        </div>
      )}
    </>
  );
}
