import type { ComponentChildren } from "preact";

import type { TitleCard } from "../api/types";
import { duration, episode, genre, rating } from "../lib/format";
import { setting } from "../lib/artwork";
import { intend } from "../lib/intent";
import { usePointing } from "../lib/pointing";
import { titlePath, watchPath } from "../lib/router";
import { say } from "../lib/words";
import { Artwork } from "./artwork";
import { InfoIcon, PlayIcon } from "./icons";
import { Link } from "./link";

/** Year, rating, length, genres: the line below a title's name. `children` go before them; `label` is a board's. */
export function Facts({
  title,
  label,
  children,
}: {
  title: TitleCard;
  label?: string | null;
  children?: ComponentChildren;
}) {
  return (
    <ul class="facts">
      {children}
      {title.episode && <li>{episode(title.episode)}</li>}
      <li>{title.year}</li>
      <li class="badge">{label ?? rating(title.maturity_rating)}</li>
      <li>{duration(title.duration_s)}</li>
      {title.genres.length > 0 && <li>{title.genres.slice(0, 3).map(genre).join(", ")}</li>}
    </ul>
  );
}

/** `heading` says why this title leads the page; `children` are buttons in place of the one that plays it. */
export function Hero({
  title,
  heading,
  onFollow,
  onPicture,
  children,
}: {
  title: TitleCard;
  heading: string;
  onFollow?: () => void;
  /** Its picture is there, or does not come. */
  onPicture?: () => void;
  children?: ComponentChildren;
}) {
  const pointing = usePointing(title.title_id);
  const asked = (): void => {
    onFollow?.();
    intend(title.title_id);
  };
  return (
    <section class="hero" aria-label={heading}>
      <Artwork
        seed={title.title_id}
        name={title.name}
        url={title.backdrop_url}
        widths={title.backdrop_widths}
        focus={title.backdrop_focus}
        shape="backdrop"
        eager
        {...(onPicture && { onSettled: onPicture })}
      />
      <div class="hero-words">
        <p class="eyebrow">{heading}</p>
        <h1 class={`display ${setting(title.name)}`}>{title.name}</h1>
        <Facts title={title}>{title.episode && <li>{title.episode.series_name}</li>}</Facts>
        <div class="actions">
          {children ?? (
            <Link to={watchPath(title.title_id)} class="button primary" onFollow={asked} {...pointing}>
              <PlayIcon />
              {say("play")}
            </Link>
          )}
          <Link to={titlePath(title.title_id)} class="button ghost" {...(onFollow && { onFollow })}>
            <InfoIcon />
            {say("details")}
          </Link>
        </div>
      </div>
    </section>
  );
}

export function HeroSkeleton() {
  return (
    <section class="hero" aria-hidden="true">
      <span class="artwork backdrop skeleton" />
      <div class="hero-words">
        <span class="skeleton line display" />
        <span class="skeleton line" />
      </div>
    </section>
  );
}
