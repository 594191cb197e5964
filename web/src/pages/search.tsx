import { useEffect } from "preact/hooks";

import { getList, searchTitles } from "../api/catalogue";
import { wasSignedIn } from "../api/member";
import type { SearchPage as Found } from "../api/types";
import { Facets } from "../components/facets";
import { Grid } from "../components/grid";
import { Link } from "../components/link";
import { Listing } from "../components/listing";
import { Loaded } from "../components/loaded";
import { Ways } from "../components/ways";
import { chosenFrom } from "../lib/chosen";
import { useDocumentTitle, useLoad } from "../lib/load";
import { searchPath, type Search } from "../lib/router";
import { beginVisit, currentVisit } from "../lib/visit";
import { say } from "../lib/words";

const STANDING_MS = 900; // a search counts once its results have stood for so long

export function SearchPage({ search }: { search: Search }) {
  return search.query ? <Results search={search} /> : <NothingAsked />;
}

function NothingAsked() {
  useDocumentTitle(say("search"));
  return (
    <Listing eyebrow={say("search")} heading={say("search.empty")} text={say("search.empty.text")}>
      <Ways />
    </Listing>
  );
}

function Results({ search }: { search: Search }) {
  const { query, narrowed } = search;
  const key = searchPath(query, narrowed);
  const load = useLoad(key, (signal) => searchTitles(search, signal));
  useReport(query, load.state === "ready" ? load.value : null);
  return (
    <Loaded load={load} title={() => say("search.page", { query })}>
      {(found) => (
        <Listing
          eyebrow={say("search.for")}
          heading={say("search.query", { query })}
          status={say("search.found", { count: found.total })}
        >
          {found.did_you_mean && <Meant query={found.did_you_mean} />}
          {found.match === "near" && found.items.length > 0 && <p class="results-text">{say("search.near")}</p>}
          <Facets search={search} counted={found.facets} />
          {found.items.length ? (
            <Grid
              key={key}
              first={found}
              more={(cursor, signal) => searchTitles(search, signal, cursor)}
              onFollow={chosenFrom("search")}
            />
          ) : (
            <Nothing />
          )}
        </Listing>
      )}
    </Loaded>
  );
}

function Meant({ query }: { query: string }) {
  return (
    <p class="results-text">
      {say("search.meant")}{" "}
      <Link to={searchPath(query)} class="inline-link">
        {query}
      </Link>
    </p>
  );
}

/** Nothing is near either: what is new, and the ways to everything. */
function Nothing() {
  const load = useLoad("list new", (signal) => getList("new", signal));
  return (
    <>
      <p class="nothing">{say("search.nothing")}</p>
      {load.state === "ready" && load.value.items.length > 0 && (
        <section class="row" aria-labelledby="instead">
          <div class="row-head">
            <h2 id="instead">{say("search.instead")}</h2>
          </div>
          <Grid first={{ items: load.value.items.slice(0, 12) }} onFollow={chosenFrom("new")} />
        </section>
      )}
      <Ways />
    </>
  );
}

/** Tells the visit what was searched; a guest has none. */
function useReport(query: string, found: Found | null): void {
  useEffect(() => {
    if (!found || !wasSignedIn()) return;
    const timer = setTimeout(() => (currentVisit() ?? beginVisit()).searched(query, found.total), STANDING_MS);
    return () => clearTimeout(timer);
  }, [found, query]);
}
