import type { RowItem, TitleCard } from "../api/types";
import { dayOf, duration } from "../lib/format";
import { intend } from "../lib/intent";
import { prefetchPlayer, prepare } from "../player/prepare";
import { titlePath, watchPath } from "../lib/router";
import { say } from "../lib/words";
import { Artwork } from "./artwork";
import { Link } from "./link";

interface Props {
  title: TitleCard & Partial<RowItem>;
  resume?: boolean; // goes straight to where the viewer stopped
  note?: string; // instead of what a card says otherwise
  onFollow?: () => void;
}

export function Card({ title, resume = false, note, onFollow }: Props) {
  const place = placeOf(title);
  const at = (title.resume_ms ?? 0) / 1000;
  const facts =
    at > 0
      ? [place, say("card.left", { time: duration(Math.max(1, title.duration_s - at)) })]
      : plainFacts(title, place);
  const follow = (): void => {
    onFollow?.();
    if (resume) intend(title.title_id);
  };
  // The pointer crosses many cards on its way: only pressing one is a sign.
  const near = resume && { onPointerEnter: prefetchPlayer, onPointerDown: () => prepare(title.title_id) };
  const to = resume ? watchPath(title.title_id) : titlePath(title.title_id);
  return (
    <Link to={to} class="card" onFollow={follow} {...near}>
      <span class="card-picture">
        <Artwork
          seed={title.title_id}
          name={title.name}
          url={title.poster_url}
          widths={title.poster_widths}
          shape="poster"
        />
        {at > 0 && (
          <span class="card-watched" aria-hidden="true">
            <span style={{ width: `${Math.min(100, (100 * at) / title.duration_s)}%` }} />
          </span>
        )}
      </span>
      {resume && <span class="visually-hidden">{say(at > 0 ? "card.resume" : "card.play")} </span>}
      <span class="card-name">{title.name}</span>
      <span class="card-facts">{note || facts.filter(Boolean).join(" · ")}</span>
    </Link>
  );
}

/** The series of an episode, and its place there. */
function placeOf({ episode }: TitleCard): string | null {
  if (!episode) return null;
  const { series_name, season, number } = episode;
  return `${series_name} · ${say("card.episode", { season, number })}`;
}

function plainFacts(title: Props["title"], place: string | null): (string | number | null)[] {
  const leaves = title.available_until_ms ? say("card.until", { day: dayOf(title.available_until_ms) }) : null;
  return leaves ? [place, leaves] : [place ?? title.year, duration(title.duration_s)];
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
