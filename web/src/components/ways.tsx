/** Ways into the catalogue: lists, collections, genres, languages. */

import { listCollections, listGenres, listLanguages } from "../api/catalogue";
import type { FacetValue } from "../api/types";
import { genre, language } from "../lib/format";
import { useLoad } from "../lib/load";
import { collectionPath, genrePath, languagePath, listPath, LISTS } from "../lib/router";
import { say, type Word } from "../lib/words";
import { Link } from "./link";

interface Way {
  to: string;
  name: string;
  count?: number;
}

/** All of them. What does not load is left out: these are ways to elsewhere, and each stands for itself. */
export function Ways() {
  const genres = useLoad("genres", listGenres);
  const languages = useLoad("languages", listLanguages);
  const collections = useLoad("collections", listCollections);
  const busy = [genres, languages, collections].some(({ state }) => state === "loading");
  const open = collections.state === "ready" ? collections.value.items : [];
  return (
    <div class="ways" aria-busy={busy}>
      <WayList heading="lists" ways={LISTS.map((list) => ({ to: listPath(list), name: say(`list.${list}`) }))} />
      <WayList
        heading="collections"
        ways={open.map(({ slug, name, titles }) => ({ to: collectionPath(slug), name, count: titles }))}
      />
      <WayList heading="genres" ways={waysOf(genres.state === "ready" ? genres.value.items : [], genrePath, genre)} />
      <WayList
        heading="languages"
        ways={waysOf(languages.state === "ready" ? languages.value.items : [], languagePath, language)}
      />
    </div>
  );
}

function waysOf(values: FacetValue[], path: (value: string) => string, name: (value: string) => string): Way[] {
  return values.map(({ value, count }) => ({ to: path(value), name: name(value), count }));
}

function WayList({ heading, ways }: { heading: Word; ways: Way[] }) {
  if (!ways.length) return null;
  return (
    <nav class="way" aria-labelledby={`way-${heading}`}>
      <h2 id={`way-${heading}`}>{say(heading)}</h2>
      <ul class="tags">
        {ways.map(({ to, name, count }) => (
          <li key={to}>
            <Link to={to} class="tag">
              {name}
              {count !== undefined && <Count count={count} />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A number of titles beside a value. */
export function Count({ count }: { count: number }) {
  return (
    <span class="tag-count">
      <span aria-hidden="true">{count.toLocaleString()}</span>
      <span class="visually-hidden"> {say("facet.titles", { count })}</span>
    </span>
  );
}
