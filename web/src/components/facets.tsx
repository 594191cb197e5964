/** What narrows a search: the values of what was found, as links to the narrower search. */

import type { Facets as Counted } from "../api/types";
import { facetValue } from "../lib/format";
import { FACETS, searchPath, type Narrowed, type Search } from "../lib/router";
import { say } from "../lib/words";
import { CloseIcon } from "./icons";
import { Link } from "./link";
import { Count } from "./ways";

const MOST_VALUES = 8;
type Facet = (typeof FACETS)[number];

export function Facets({ search, counted }: { search: Search; counted: Counted }) {
  const told = FACETS.filter((facet) => search.narrowed[facet] || (counted[facet]?.length ?? 0) > 1);
  if (!told.length) return null;
  return (
    <nav class="facets" aria-label={say("search.narrow")}>
      {told.map((facet) => (
        <ul key={facet} class="facet" aria-label={say(`facet.${facet}`)}>
          <Values facet={facet} search={search} counted={counted} />
        </ul>
      ))}
    </nav>
  );
}

function Values({ facet, search, counted }: { facet: Facet; search: Search; counted: Counted }) {
  const chosen = search.narrowed[facet];
  if (chosen) {
    const words = { facet: say(`facet.${facet}`), value: facetValue(facet, chosen) };
    return (
      <li>
        <Link to={searchPath(search.query, without(search.narrowed, facet))} class="tag chosen">
          <span class="visually-hidden">{say("facet.remove", words)}</span>
          <span aria-hidden="true">{words.value}</span>
          <CloseIcon />
        </Link>
      </li>
    );
  }
  return (counted[facet] ?? []).slice(0, MOST_VALUES).map(({ value, count }) => (
    <li key={value}>
      <Link to={searchPath(search.query, { ...search.narrowed, [facet]: value })} class="tag">
        {facetValue(facet, value)}
        <Count count={count} />
      </Link>
    </li>
  ));
}

function without(narrowed: Narrowed, facet: Facet): Narrowed {
  return Object.fromEntries(Object.entries(narrowed).filter(([name]) => name !== facet));
}
