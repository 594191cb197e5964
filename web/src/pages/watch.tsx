import { useEffect, useRef, useState } from "preact/hooks";

import { getTitle } from "../api/catalogue";
import type { Grant, Mark } from "../api/types";
import { BackIcon, PlayIcon } from "../components/icons";
import { PlayFailure, TheEnd } from "../components/curtain";
import { takeIntent } from "../lib/intent";
import { useDocumentTitle, useLoad } from "../lib/load";
import { goBack, titlePath } from "../lib/router";
import { currentVisit } from "../lib/visit";
import type { Failure } from "../player/errors";
import { jump, JUMP_S } from "../player/controls";
import { activeMark, markLabel } from "../player/marks";
import { Playback, type Phase } from "../player/playback";

interface Props {
  titleId: string;
  manifest: string | null;
  quality: number | null;
  restart: boolean;
}

export function WatchPage({ titleId, manifest, quality, restart }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const container = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const playback = useRef<Playback | null>(null);
  const [attempt, setAttempt] = useState({ number: 0, restart });
  const [phase, setPhase] = useState<Phase>("starting");
  const [failure, setFailure] = useState<Failure | null>(null);
  const [grant, setGrant] = useState<Grant | null>(null);
  const [said, announce] = useState("");

  const title = useLoad(titleId, (signal) => getTitle(titleId, signal));
  const name = title.state === "ready" ? title.value.name : "";
  useDocumentTitle(name);

  useEffect(() => {
    if (!frame.current || !container.current || !video.current) return;
    const stage = { frame: frame.current, container: container.current, video: video.current };
    const options = { titleId, manifest, quality, restart: attempt.restart, askedAt: takeIntent(titleId) };
    const granted = (given: Grant): void => {
      setGrant(given);
      currentVisit()?.played(titleId, given.session_id);
    };
    const current = new Playback(stage, options, { phase: setPhase, failure: setFailure, granted, announce });
    playback.current = current;
    void current.start();
    return () => void current.stop();
  }, [attempt]);

  const again = (fromStart: boolean): void => {
    setFailure(null);
    setPhase("starting");
    setAttempt(({ number }) => ({ number: number + 1, restart: fromStart }));
  };
  const back = (): void => goBack(titlePath(titleId));
  const mark = useMark(video, grant?.segments ?? []);
  const skip = (): void => {
    if (!mark || !video.current) return;
    video.current.currentTime = Math.min(mark.end_s, video.current.duration);
    announce(mark.kind === "intro" ? "Intro skipped" : "Credits skipped");
    container.current?.focus();
  };
  useKeys(video, skip);

  return (
    <main aria-label={name ? `Playing ${name}` : "Player"}>
      <div class={`stage ${phase}`} ref={frame}>
        {/* Keyed by attempt: Shaka leaves its controls in the element it was given. */}
        <div class="stage-player" ref={container} key={attempt.number} tabIndex={-1}>
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- captions come with the manifest */}
          <video ref={video} playsInline />
        </div>
        <div class="stage-top">
          <button type="button" class="round" aria-label="Back to the title" onClick={back}>
            <BackIcon />
          </button>
          <p class="stage-name">{name}</p>
        </div>
        {phase === "starting" && <div class="stage-wait" aria-hidden="true" />}
        {phase === "blocked" && (
          <button type="button" class="stage-play" aria-label="Play" onClick={() => playback.current?.play()}>
            <PlayIcon />
          </button>
        )}
        {mark && phase === "playing" && (
          <button type="button" class="button skip" onClick={skip}>
            {markLabel(mark)}
          </button>
        )}
        {phase === "ended" && <TheEnd name={name} replay={() => again(true)} back={back} />}
        {phase === "failed" && failure && <PlayFailure failure={failure} retry={() => again(false)} back={back} />}
        <p class="visually-hidden" role="status" aria-live="polite">
          {said ||
            { starting: "Loading", playing: "Playing", blocked: "Ready to play", ended: "Ended", failed: "" }[phase]}
        </p>
      </div>
    </main>
  );
}

/** The mark under the playhead, re-rendering only when it changes. */
function useMark(video: { current: HTMLVideoElement | null }, marks: Mark[]): Mark | null {
  const [mark, setMark] = useState<Mark | null>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const update = (): void => setMark(activeMark(marks, element.currentTime));
    element.addEventListener("timeupdate", update);
    return () => element.removeEventListener("timeupdate", update);
  }, [marks]);
  return mark;
}

/** Keys beside those of Shaka's UI: j and l jump as in other players, s skips the intro or the credits. */
function useKeys(video: { current: HTMLVideoElement | null }, skip: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || !video.current) return;
      const action = {
        j: () => video.current && jump(video.current, -JUMP_S),
        l: () => video.current && jump(video.current, JUMP_S),
        s: skip,
      }[event.key.toLowerCase()];
      action?.();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [skip]);
}
