/** What the player's page watches on its stage: keys, marks, whether anybody is there, and what comes next. */

import { useEffect, useState } from "preact/hooks";

import type { Mark, RowItem, Title } from "../api/types";
import { attention } from "../player/attention";
import { jump, JUMP_S, SHEETS, type SheetName } from "../player/controls";
import { isTaken, type Actions } from "../player/keys";
import { activeMark } from "../player/marks";
import { clock } from "./format";
import { findNext } from "./next";
import { pageLocale, say } from "./words";

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

const VOLUME_STEP = 0.1;

/** Keys that move the playhead and the volume, and say so. */
export function transport(video: Ref<HTMLVideoElement>, announce: (text: string) => void): Actions {
  const move = (seconds: number): void => {
    if (!video.current) return;
    jump(video.current, seconds);
    announce(say("player.at", { place: clock(video.current.currentTime * 1000) }));
  };
  const loud = (by: number): void => {
    if (!video.current) return;
    video.current.volume = Math.min(1, Math.max(0, video.current.volume + by));
    video.current.muted = false;
    announce(say("player.volume", { share: percent(video.current.volume) }));
  };
  return {
    j: () => move(-JUMP_S),
    l: () => move(JUMP_S),
    ArrowUp: () => loud(VOLUME_STEP),
    ArrowDown: () => loud(-VOLUME_STEP),
  };
}

const percent = (share: number): string => share.toLocaleString(pageLocale(), { style: "percent" });

/** Opens the sheets that the buttons of Shaka's menu ask for. */
export function useSheets(container: Ref<HTMLElement>, open: (name: SheetName) => void, attempt: number): void {
  useEffect(() => {
    const abort = new AbortController();
    for (const name of Object.keys(SHEETS) as SheetName[]) {
      container.current?.addEventListener(SHEETS[name].event, () => open(name), { signal: abort.signal });
    }
    return () => abort.abort();
  }, [attempt]);
}

/** Says how fast it plays when that changes. A speed of 0 is Shaka's own, while it waits. */
export function useSpeed(video: Ref<HTMLVideoElement>, announce: (text: string) => void, attempt: number): void {
  useEffect(() => {
    const element = video.current;
    let last = 1;
    const tell = (): void => {
      const rate = element?.playbackRate ?? 0;
      if (!rate || rate === last) return;
      last = rate;
      announce(say("player.speed", { rate: rate.toLocaleString(pageLocale()) }));
    };
    element?.addEventListener("ratechange", tell);
    return () => element?.removeEventListener("ratechange", tell);
  }, [attempt]);
}

/** A button's own key goes no further than the stage: Shaka would act on it as well. */
export function keepKey(container: Ref<HTMLElement>, event: KeyboardEvent): void {
  const pressed = event.target instanceof Element && event.target.closest("button, a");
  if (event.key === " " && pressed && !container.current?.contains(pressed)) event.stopPropagation();
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
