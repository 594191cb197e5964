/** Suggestions while a query is typed. */

import { useEffect, useState } from "preact/hooks";

import { suggest } from "../api/catalogue";
import type { Suggestion } from "../api/types";
import { genrePath, personPath, searchPath, seriesPath, titlePath } from "./router";

export const DEBOUNCE_MS = 150;

/** Where a suggestion leads. */
export function suggestionPath({ text, title_id, person_id, series, genre }: Suggestion): string {
  if (title_id) return titlePath(title_id);
  if (person_id) return personPath(person_id);
  if (series) return seriesPath(series);
  return genre ? genrePath(genre) : searchPath(text);
}

/** The option that is active after a key; -1 is the field itself, which stands between the last and the first. */
export function moved(active: number, count: number, key: string): number {
  const places = count + 1;
  if (key === "ArrowDown") return ((active + 2) % places) - 1;
  if (key === "ArrowUp") return ((active + 1 + count) % places) - 1;
  return active;
}

/**
 * For the text as it stands, once it has stood for a moment; what was asked for an older one is aborted. Null while
 * `wanted` is false or nothing is known yet. A failure is no suggestions: the search itself says what is wrong.
 */
export function useSuggestions(text: string, wanted: boolean): Suggestion[] | null {
  const query = text.trim();
  const [found, setFound] = useState<{ query: string; items: Suggestion[] } | null>(null);
  useEffect(() => {
    if (!query || !wanted) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      suggest(query, abort.signal)
        .catch(() => ({ items: [] }))
        .then(({ items }) => abort.signal.aborted || setFound({ query, items }));
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query, wanted]);
  if (!query || !wanted || !found) return null;
  return found.query === query || query.startsWith(found.query) ? found.items : null; // the older ones until then
}
