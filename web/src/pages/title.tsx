import { useEffect, useRef, useState } from "preact/hooks";

import { getTitle, similarTo } from "../api/catalogue";
import { changeOpinion } from "../api/profiles";
import type { Opinion, Title } from "../api/types";
import { Artwork } from "../components/artwork";
import { Card } from "../components/card";
import { Failure } from "../components/failure";
import { Facts } from "../components/hero";
import { AddIcon, HideIcon, PlayIcon, RestartIcon, ThumbDownIcon, ThumbUpIcon, TickIcon } from "../components/icons";
import { Link } from "../components/link";
import { Shelf } from "../components/row";
import { setting } from "../lib/artwork";
import { channels, clock, country, genre as genreName, language, role as roleName, track } from "../lib/format";
import { intend } from "../lib/intent";
import { sayFailure } from "../lib/failures";
import { useDocumentTitle, useLoad, type Load } from "../lib/load";
import { usePointing } from "../lib/pointing";
import { asProfile, useProfiles } from "../lib/profiles";
import {
  ACCOUNT,
  genrePath,
  navigate,
  personPath,
  PLAN,
  seriesPath,
  SIGN_IN,
  titlePath,
  watchPath,
} from "../lib/router";
import { settled } from "../lib/settling";
import { currentVisit } from "../lib/visit";
import { say, type Word } from "../lib/words";
import { prefetchPlayer } from "../player/prepare";

export function TitlePage({ titleId }: { titleId: string }) {
  const load = useLoad(titleId, async (signal) => {
    await settled(); // coming back from the player, the place where the viewer stopped is on its way
    return getTitle(titleId, signal);
  });
  useDocumentTitle(documentTitle(load));
  useEffect(prefetchPlayer, []);
  const film = load.state === "ready" ? load.value.film_id : null; // a trailer is found on its film's page
  useEffect(() => {
    if (film) navigate(titlePath(film), { replace: true });
  }, [film]);
  if (load.state === "failed") {
    return (
      <Failure error={load.error} {...(![403, 404].includes(load.error.status) && { retry: load.retry })}>
        <Link to="/" class="button ghost">
          {say("home.back")}
        </Link>
      </Failure>
    );
  }
  return load.state === "ready" ? <Details title={load.value} /> : <Skeleton />;
}

function documentTitle(load: Load<Title>): string {
  if (load.state === "failed") return sayFailure(load.error).heading;
  return load.state === "ready" ? load.value.name : "";
}

function Details({ title }: { title: Title }) {
  return (
    <article class="title-page">
      <Artwork
        seed={title.title_id}
        name={title.name}
        url={title.backdrop_url}
        widths={title.backdrop_widths}
        focus={title.backdrop_focus}
        shape="backdrop"
        eager
      />
      <div class="title-body">
        <div class="title-poster">
          <Artwork
            seed={title.title_id}
            name={title.name}
            url={title.poster_url}
            widths={title.poster_widths}
            sizes="20vw"
            shape="poster"
            eager
          />
        </div>
        <div class="title-words">
          {title.episode && (
            <Link to={seriesPath(title.episode.series)} class="eyebrow series-link">
              {title.episode.series_name} · {say("series.all")}
            </Link>
          )}
          <h1 class={`display ${setting(title.name)}`}>{title.name}</h1>
          <Facts title={title} label={title.rating_label} />
          {title.play_refusal ? <Refused refusal={title.play_refusal} /> : <PlayButtons title={title} />}
          <Opinions title={title} />
          {title.synopsis && <p class="synopsis">{title.synopsis}</p>}
          <Particulars title={title} />
        </div>
      </div>
      <MoreLike titleId={title.title_id} />
    </article>
  );
}

/** The titles most like it. It is left out where there are none and where they do not load. */
function MoreLike({ titleId }: { titleId: string }) {
  const list = useRef<HTMLElement>(null);
  const load = useLoad(`similar ${titleId}`, (signal) => similarTo(titleId, signal));
  if (load.state !== "ready" || !load.value.items.length) return null;
  const { items } = load.value;
  return (
    <section class="row" aria-labelledby="similar">
      <div class="row-head">
        <h2 id="similar">{say("similar")}</h2>
      </div>
      <Shelf label={say("similar")} count={items.length} list={list}>
        {items.map((item, position) => (
          <li key={item.title_id}>
            <Card title={item} onFollow={() => currentVisit()?.selected(item.title_id, { row: "similar", position })} />
          </li>
        ))}
      </Shelf>
    </section>
  );
}

function PlayButtons({ title }: { title: Title }) {
  const asked = (): void => intend(title.title_id);
  const pointing = usePointing(title.title_id);
  const resumes = title.resume_ms > 0;
  return (
    <>
      <div class="actions">
        <Link to={watchPath(title.title_id)} class="button primary" onFollow={asked} {...pointing}>
          <PlayIcon />
          {resumes ? say("title.resume", { place: clock(title.resume_ms) }) : say("play")}
        </Link>
        {title.trailer_id && (
          <Link to={watchPath(title.trailer_id)} class="button ghost">
            <PlayIcon />
            {say("title.trailer")}
          </Link>
        )}
        {resumes && (
          <Link to={watchPath(title.title_id, true)} class="button ghost" onFollow={asked} {...pointing}>
            <RestartIcon />
            {say("title.restart")}
          </Link>
        )}
      </div>
      {resumes && title.duration_s > 0 && (
        <progress
          class="watched"
          value={title.resume_ms / 1000}
          max={title.duration_s}
          aria-label={say("title.watched")}
        />
      )}
    </>
  );
}

/** Why it does not play, and where that can be changed. */
const WAYS: Partial<Record<NonNullable<Title["play_refusal"]>, { why: Word; to: string; button: Word }>> = {
  "not-signed-in": { why: "refused.not-signed-in", to: SIGN_IN, button: "sign-in" },
  "email-not-verified": { why: "refused.email-not-verified", to: ACCOUNT, button: "account" },
  "no-plan": { why: "refused.no-plan", to: PLAN, button: "plan.choose" },
  "payment-due": { why: "refused.payment-due", to: PLAN, button: "plan" },
};

function Refused({ refusal }: { refusal: NonNullable<Title["play_refusal"]> }) {
  const way = WAYS[refusal];
  if (!way) return <p class="panel-note">{say("refused.other")}</p>;
  return (
    <>
      <p class="refused">{say(way.why)}</p>
      <div class="actions">
        <Link to={way.to} class="button primary">
          {say(way.button)}
        </Link>
      </div>
    </>
  );
}

/** My list, thumbs, hiding: buttons that stay pressed. */
function Opinions({ title }: { title: Title }) {
  const profiles = useProfiles();
  const [opinion, setOpinion] = useState(title.opinion);
  const [failed, setFailed] = useState(false);
  if (!profiles?.current) return null;
  const change = async (wanted: Partial<Opinion>): Promise<void> => {
    setFailed(false);
    try {
      setOpinion(await asProfile((id) => changeOpinion(id, title.title_id, wanted)));
      if (wanted.hidden) navigate("/");
    } catch {
      setFailed(true);
    }
  };
  const thumb = (wanted: "up" | "down"): Promise<void> => change({ thumb: opinion.thumb === wanted ? null : wanted });
  return (
    <div class="opinions" role="group" aria-label={say("opinion")}>
      <button
        type="button"
        class="opinion"
        aria-pressed={opinion.listed}
        onClick={() => void change({ listed: !opinion.listed })}
      >
        {opinion.listed ? <TickIcon /> : <AddIcon />}
        <span>{say("opinion.list")}</span>
      </button>
      <button type="button" class="opinion" aria-pressed={opinion.thumb === "up"} onClick={() => void thumb("up")}>
        <ThumbUpIcon />
        <span>{say("opinion.up")}</span>
      </button>
      <button type="button" class="opinion" aria-pressed={opinion.thumb === "down"} onClick={() => void thumb("down")}>
        <ThumbDownIcon />
        <span>{say("opinion.down")}</span>
      </button>
      <button
        type="button"
        class="opinion"
        aria-pressed={opinion.hidden}
        onClick={() => void change({ hidden: !opinion.hidden })}
      >
        <HideIcon />
        <span>{say(opinion.hidden ? "opinion.show" : "opinion.hide")}</span>
      </button>
      {failed && (
        <p role="alert" class="panel-note">
          {say("problem.unknown")}
        </p>
      )}
    </div>
  );
}

function Particulars({ title }: { title: Title }) {
  const behind = title.credits.filter((credit) => credit.role !== "actor");
  const roles = [...new Set(behind.map((credit) => credit.role))];
  const audio = title.audio.map((sound) => {
    const kind = sound.role === "main" ? "" : `${track(sound.role)}, `;
    return `${language(sound.language)} (${kind}${channels(sound.channels)})`;
  });
  const text = title.text.map(({ language: code, kind }) => {
    return kind === "full" ? language(code) : `${language(code)} (${track(kind)})`;
  });
  return (
    <dl class="particulars">
      {roles.map((role) => (
        <div key={role}>
          <dt>{roleName(role)}</dt>
          <dd>
            <People credits={behind.filter((credit) => credit.role === role)} />
          </dd>
        </div>
      ))}
      <Cast title={title} />
      <Particular term={say("title.audio")} text={audio.join(", ")} />
      <Particular term={say("title.subtitles")} text={text.join(", ")} />
      <Particular term={say("title.picture")} text={title.resolution ?? ""} />
      <Particular term={say("title.country")} text={title.countries.map(country).join(", ")} />
      {title.genres.length > 0 && (
        <div>
          <dt>{say("genres")}</dt>
          <dd class="tags">
            {title.genres.map((genre) => (
              <Link key={genre} to={genrePath(genre)} class="tag">
                {genreName(genre)}
              </Link>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Names that lead to people's pages. */
function People({ credits }: { credits: Title["credits"] }) {
  return credits.map(({ person_id, name }, place) => (
    <span key={person_id}>
      {place > 0 && ", "}
      <Link to={personPath(person_id)} class="name-link">
        {name}
      </Link>
    </span>
  ));
}

function Particular({ term, text }: { term: string; text: string }) {
  if (!text) return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function Cast({ title }: { title: Title }) {
  const cast = title.credits.filter((credit) => credit.role === "actor");
  if (!cast.length) return null;
  return (
    <div>
      <dt>{say("title.cast")}</dt>
      <dd>
        <ul class="cast">
          {cast.map((actor) => (
            <li key={`${actor.name} ${actor.character}`}>
              <People credits={[actor]} />
              {actor.character && <span> {say("title.as", { character: actor.character })}</span>}
            </li>
          ))}
        </ul>
      </dd>
    </div>
  );
}

function Skeleton() {
  return (
    <div class="title-page" aria-busy="true">
      <span class="visually-hidden" role="status">
        {say("loading")}
      </span>
      <span class="artwork backdrop skeleton" />
      <div class="title-body" aria-hidden="true">
        <div class="title-poster">
          <span class="artwork poster skeleton" />
        </div>
        <div class="title-words">
          <span class="skeleton line display" />
          <span class="skeleton line" />
          <span class="skeleton block" />
        </div>
      </div>
    </div>
  );
}
