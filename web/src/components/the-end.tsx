import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { RowItem, Title } from "../api/types";
import { useLoad } from "../lib/load";
import { findNext } from "../lib/next";
import { say } from "../lib/words";
import { Artwork } from "./artwork";
import { Facts } from "./hero";
import { PlayIcon } from "./icons";

export const COUNTDOWN_S = 10;

interface Props {
  title: Title;
  autoplay: boolean;
  /** So much has begun by itself that the next one asks whether anybody is there. */
  asks: boolean;
  replay: () => void;
  back: () => void;
  /** To the next title, because the viewer `asked` for it or by itself. */
  goOn: (nextId: string, asked: boolean) => void;
  announce: (text: string) => void;
}

/** What covers the stage when a title has ended: the next one, which may begin by itself, and the ways back. */
export function TheEnd({ title, autoplay, asks, replay, back, goOn, announce }: Props) {
  const first = useRef<HTMLButtonElement>(null);
  const load = useLoad(`next ${title.title_id}`, (signal) => findNext(title, signal));
  const next = load.state === "ready" ? load.value : null;
  useLayoutEffect(() => first.current?.focus(), []);
  return (
    <div class="curtain">
      <p class="eyebrow">{say(asks && next ? "still" : "end.title")}</p>
      <h1 class="display tiny">{title.name}</h1>
      <div class="actions">
        <button type="button" ref={first} class="button ghost" onClick={replay}>
          {say("end.again")}
        </button>
        <button type="button" class="button ghost" onClick={back}>
          {say("back")}
        </button>
      </div>
      {next && (
        <UpNext
          next={next}
          autoplay={autoplay && !asks}
          play={(asked) => goOn(next.title_id, asked)}
          announce={announce}
        />
      )}
    </div>
  );
}

interface NextProps {
  next: RowItem;
  autoplay: boolean;
  play: (asked: boolean) => void;
  announce: (text: string) => void;
}

function UpNext({ next, autoplay, play, announce }: NextProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [left, stop] = useCountdown(autoplay ? COUNTDOWN_S : null, () => play(false));
  useLayoutEffect(() => {
    button.current?.focus();
    const when = left === null ? "" : say("next.in", { count: left });
    announce(`${say("next.title")}: ${next.name}. ${when}`);
  }, []);
  const stay = (): void => {
    stop();
    announce(say("next.stayed"));
    button.current?.focus();
  };
  return (
    <section class="up-next" aria-labelledby="next-name">
      <Artwork
        seed={next.title_id}
        name={next.name}
        url={next.poster_url}
        widths={next.poster_widths}
        shape="poster"
        eager
      />
      <div class="up-next-words">
        <p class="eyebrow">{say("next.title")}</p>
        <h2 id="next-name">{next.name}</h2>
        <Facts title={next} />
        {left !== null && (
          <p class="up-next-in" role="timer">
            {say("next.in", { count: left })}
            <span class="up-next-bar" aria-hidden="true">
              <span style={{ width: `${(100 * left) / COUNTDOWN_S}%` }} />
            </span>
          </p>
        )}
        <div class="actions">
          <button type="button" ref={button} class="button primary" onClick={() => play(true)}>
            <PlayIcon />
            {say("next.play")}
          </button>
          {left !== null && (
            <button type="button" class="button ghost" onClick={stay}>
              {say("next.stay")}
            </button>
          )}
        </div>
      </div>
    </section>
  );
}

/** Seconds that are left, and how to stop them; null once stopped. They stand while nobody sees the page. */
function useCountdown(from: number | null, over: () => void): [left: number | null, stop: () => void] {
  const [left, setLeft] = useState(from);
  const running = left !== null;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => document.hidden || setLeft((n) => (n ? n - 1 : n)), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  useEffect(() => {
    if (left === 0) over();
  }, [left]);
  return [left, () => setLeft(null)];
}
