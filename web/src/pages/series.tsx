/** A series: what to watch next, and its seasons. */

import { getSeries } from "../api/catalogue";
import type { RowItem, Series } from "../api/types";
import { Artwork } from "../components/artwork";
import { PlayIcon } from "../components/icons";
import { Link } from "../components/link";
import { Loaded } from "../components/loaded";
import { setting } from "../lib/artwork";
import { duration, genre as genreName } from "../lib/format";
import { intend } from "../lib/intent";
import { useLoad } from "../lib/load";
import { usePointing } from "../lib/pointing";
import { genrePath, titlePath, watchPath } from "../lib/router";
import { settled } from "../lib/settling";
import { useProfiles } from "../lib/profiles";
import { say } from "../lib/words";

export function SeriesPage({ slug }: { slug: string }) {
  const load = useLoad(`series ${slug}`, async (signal) => {
    await settled(); // coming back from the player, what was watched is on its way
    return getSeries(slug, signal);
  });
  return (
    <Loaded load={load} title={({ name }) => name}>
      {(series) => <Details series={series} />}
    </Loaded>
  );
}

function Details({ series }: { series: Series }) {
  const { name, synopsis, finished, genres, seasons, next } = series;
  const episodes = seasons.reduce((sum, season) => sum + season.episodes.length, 0);
  return (
    <article class="series-page">
      <Artwork
        seed={series.slug}
        name={name}
        url={series.backdrop_url}
        widths={series.backdrop_widths}
        shape="backdrop"
        eager
      />
      <div class="series-words">
        <p class="eyebrow">{say("series")}</p>
        <h1 class={`display ${setting(name)}`}>{name}</h1>
        <ul class="facts">
          <li>{say("series.seasons.count", { count: seasons.length })}</li>
          <li>{say("series.episodes", { count: episodes })}</li>
          {finished !== null && <li>{say(finished ? "series.finished" : "series.running")}</li>}
        </ul>
        <Next next={next} />
        {synopsis && <p class="synopsis">{synopsis}</p>}
        <ul class="tags">
          {genres.map((genre) => (
            <li key={genre}>
              <Link to={genrePath(genre)} class="tag">
                {genreName(genre)}
              </Link>
            </li>
          ))}
        </ul>
      </div>
      {seasons.length > 1 && <SeasonLinks seasons={seasons} />}
      {seasons.map((each) => (
        <section key={each.season} class="season" aria-labelledby={`season-${each.season}`}>
          <h2 id={`season-${each.season}`} tabIndex={-1}>
            {seasonName(each)}
          </h2>
          <ol class="episodes">
            {each.episodes.map((episode) => (
              <Episode key={episode.title_id} episode={episode} />
            ))}
          </ol>
        </section>
      ))}
    </article>
  );
}

function seasonName({ season, name }: Series["seasons"][number]): string {
  return name ?? say(season ? "series.season" : "series.specials", { season });
}

function place({ episode }: RowItem): string {
  return episode ? say("card.episode", { season: episode.season, number: episode.number }) : "";
}

/** Plays the episode that comes next; who cannot play yet is led to its page, which says why. */
function Next({ next: { episode, why } }: { next: Series["next"] }) {
  const watches = useProfiles()?.current;
  const pointing = usePointing(episode.title_id);
  const words = (
    <>
      <PlayIcon />
      {say(`series.${why}`, { episode: place(episode) })}
    </>
  );
  return (
    <div class="actions">
      {watches ? (
        <Link
          to={watchPath(episode.title_id)}
          class="button primary"
          onFollow={() => intend(episode.title_id)}
          {...pointing}
        >
          {words}
        </Link>
      ) : (
        <Link to={titlePath(episode.title_id)} class="button primary">
          {words}
        </Link>
      )}
    </div>
  );
}

function goToSeason(season: number): void {
  const heading = document.getElementById(`season-${season}`);
  heading?.scrollIntoView();
  heading?.focus({ preventScroll: true });
}

function SeasonLinks({ seasons }: { seasons: Series["seasons"] }) {
  return (
    <nav class="season-links" aria-label={say("series.seasons")}>
      {seasons.map((each) => (
        <button key={each.season} type="button" class="tag" onClick={() => goToSeason(each.season)}>
          {seasonName(each)}
        </button>
      ))}
    </nav>
  );
}

function Episode({ episode }: { episode: RowItem }) {
  const at = episode.resume_ms / 1000;
  const left = say("card.left", { time: duration(Math.max(1, episode.duration_s - at)) });
  return (
    <li>
      <Link to={titlePath(episode.title_id)} class="episode">
        <span class="card-picture">
          <Artwork
            seed={episode.title_id}
            name={episode.name}
            url={episode.backdrop_url ?? episode.poster_url}
            widths={episode.backdrop_url ? episode.backdrop_widths : episode.poster_widths}
            sizes="11rem"
            focus={episode.backdrop_focus}
            shape="backdrop"
          />
          {at > 0 && (
            <span class="card-watched" aria-hidden="true">
              <span style={{ width: `${Math.min(100, (100 * at) / episode.duration_s)}%` }} />
            </span>
          )}
        </span>
        <span class="episode-words">
          <span class="card-name">{episode.name}</span>
          <span class="card-facts">{`${place(episode)} · ${at > 0 ? left : duration(episode.duration_s)}`}</span>
        </span>
      </Link>
    </li>
  );
}
