import { listTitles } from "../api/client";
import type { TitleCard, TitlePage } from "../api/types";
import { CardSkeletons } from "../components/card";
import { Failure } from "../components/failure";
import { Grid } from "../components/grid";
import { Hero, HeroSkeleton } from "../components/hero";
import { Link } from "../components/link";
import { GenreRow, RowSkeleton } from "../components/row";
import { words } from "../lib/format";
import { useDocumentTitle, useLoad } from "../lib/load";

const MOST_ROWS = 8;
const FEWEST_FOR_ROWS = 9; // fewer titles would only repeat themselves from row to row

export function HomePage({ query, genre }: { query: string; genre: string }) {
  return query || genre ? <Results query={query} genre={genre} /> : <Browse />;
}

function Browse() {
  useDocumentTitle("");
  const load = useLoad("home", (signal) => listTitles({}, signal));
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  if (load.state === "loading") {
    return (
      <div aria-busy="true">
        <span class="visually-hidden" role="status">
          Loading titles
        </span>
        <HeroSkeleton />
        <RowSkeleton />
        <RowSkeleton />
      </div>
    );
  }
  const [newest] = load.value.items;
  return newest ? <Shelves newest={newest} first={load.value} /> : <EmptyCatalogue />;
}

/** The genres of what is loaded, the fullest first. */
function genresOf(items: TitleCard[]): string[] {
  const counts = new Map<string, number>();
  for (const genre of items.flatMap((title) => title.genres)) counts.set(genre, (counts.get(genre) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)).map(([genre]) => genre);
}

function Shelves({ newest, first }: { newest: TitleCard; first: TitlePage }) {
  const complete = first.next_cursor === null;
  const genres = complete && first.items.length < FEWEST_FOR_ROWS ? [] : genresOf(first.items).slice(0, MOST_ROWS);
  return (
    <>
      <Hero title={newest} />
      {genres.map((genre) => (
        <GenreRow
          key={genre}
          genre={genre}
          known={complete ? first.items.filter((title) => title.genres.includes(genre)) : null}
        />
      ))}
      <section class="row">
        <div class="row-head">
          <h2>All titles</h2>
        </div>
        <Grid filter={{}} first={first} />
      </section>
    </>
  );
}

function EmptyCatalogue() {
  return (
    <div class="notice">
      <span class="bulbs" aria-hidden="true" />
      <h1>Opening soon</h1>
      <p>Nothing has been published yet. The first title appears here as soon as it is ready.</p>
      <span class="bulbs" aria-hidden="true" />
    </div>
  );
}

function Results({ query, genre }: { query: string; genre: string }) {
  const heading = query ? `“${query}”` : words(genre);
  useDocumentTitle(query ? `Search: ${query}` : heading);
  const filter = query ? { query } : { genre };
  const key = JSON.stringify(filter);
  const load = useLoad(key, (signal) => listTitles(filter, signal));
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  const found = load.state === "ready" ? load.value : null;
  return (
    <section class="results" aria-busy={!found}>
      <p class="eyebrow">{query ? "Results for" : "Genre"}</p>
      <h1 class="display small">{heading}</h1>
      <p class="visually-hidden" role="status">
        {found && `Titles found: ${found.items.length}${found.next_cursor ? " or more" : ""}`}
      </p>
      {!found && (
        <ul class="grid">
          <CardSkeletons count={12} />
        </ul>
      )}
      {found && found.items.length > 0 && <Grid key={key} filter={filter} first={found} />}
      {found?.items.length === 0 && (
        <div class="nothing">
          <p>Nothing found. A shorter word or another spelling may help.</p>
          <Link to="/" class="button ghost">
            Browse all titles
          </Link>
        </div>
      )}
    </section>
  );
}
