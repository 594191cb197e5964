/** What the player's page watches on its stage: keys, marks, whether anybody is there, and what comes next. */

import { useEffect, useState } from "preact/hooks";

import type { Mark, RowItem, Title } from "../api/types";
import { attention } from "../player/attention";
import { isTaken, type Actions } from "../player/keys";
import { activeMark } from "../player/marks";
import { findNext } from "./next";

type Ref<T> = { current: T | null };

/** The mark under the playhead, re-rendering only when it changes. */
export function useMark(video: Ref<HTMLVideoElement>, marks: Mark[], attempt: number): Mark | null {
  const [mark, setMark] = useState<Mark | null>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const update = (): void => setMark(activeMark(marks, element.currentTime));
    element.addEventListener("timeupdate", update);
    return () => element.removeEventListener("timeupdate", update);
  }, [marks, attempt]);
  return mark;
}

/** Keys beside those of Shaka's UI. */
export function useKeys(actions: Actions): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const action = isTaken(event) ? undefined : actions[event.key.length > 1 ? event.key : event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [actions]);
}

const ACTS = ["pointerdown", "keydown", "wheel"];
const LOOK_MS = 30_000;

/** Asks when nobody has done anything for long while it plays. */
export function useAttention(video: Ref<HTMLVideoElement>, ask: () => void): void {
  useEffect(() => {
    const acted = (): void => attention.acted();
    for (const name of ACTS) window.addEventListener(name, acted, { passive: true });
    const timer = setInterval(() => {
      if (attention.longAgo && video.current && !video.current.paused) ask();
    }, LOOK_MS);
    return () => {
      for (const name of ACTS) window.removeEventListener(name, acted);
      clearInterval(timer);
    };
  }, []);
}

/** What comes next, asked for once the credits have begun; null before that, and where there is nothing. */
export function useNext(title: Title | null, mark: Mark | null, tell: () => Promise<void>): RowItem | null {
  const [next, setNext] = useState<RowItem | null>(null);
  const credits = mark?.kind === "credits";
  useEffect(() => {
    if (!credits || !title) return;
    const abort = new AbortController();
    tell()
      .then(() => findNext(title, abort.signal))
      .then(setNext)
      .catch(() => undefined); // the end asks again
    return () => {
      abort.abort();
      setNext(null);
    };
  }, [credits, title]);
  return next;
}
