import type { TitleCard } from "../api/types";
import { duration } from "../lib/format";
import { titlePath } from "../lib/router";
import { Artwork } from "./artwork";
import { Link } from "./link";

export function Card({ title }: { title: TitleCard }) {
  const place = title.episode && `S${title.episode.season} E${title.episode.number}`;
  return (
    <Link to={titlePath(title.title_id)} class="card">
      <Artwork seed={title.title_id} name={title.name} url={title.poster_url} shape="poster" />
      <span class="card-name">{title.name}</span>
      <span class="card-facts">{[place, title.year, duration(title.duration_s)].filter(Boolean).join(" · ")}</span>
    </Link>
  );
}

export function CardSkeletons({ count }: { count: number }) {
  return Array.from({ length: count }, (_, i) => (
    <li key={i} class="card" aria-hidden="true">
      <span class="artwork poster skeleton" />
      <span class="skeleton line" />
      <span class="skeleton line short" />
    </li>
  ));
}
