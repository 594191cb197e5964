import { useEffect, useRef, useState } from "preact/hooks";

import { getTitle } from "../api/catalogue";
import type { Grant, Mark } from "../api/types";
import { BackIcon, PlayIcon } from "../components/icons";
import { PlayFailure } from "../components/curtain";
import { TheEnd } from "../components/the-end";
import { intend, takeIntent } from "../lib/intent";
import { useDocumentTitle, useLoad } from "../lib/load";
import { goBack, navigate, titlePath, watchPath } from "../lib/router";
import { currentVisit } from "../lib/visit";
import { say } from "../lib/words";
import type { Failure } from "../player/errors";
import { jump, JUMP_S } from "../player/controls";
import { activeMark, markLabel } from "../player/marks";
import { Playback, type Phase } from "../player/playback";
import { currentProfile, loadPreferences } from "../player/preferences";

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
  const goesOn = useRef(false); // to the next title, which stays full screen
  const { background, autoplay } = loadPreferences(currentProfile());

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
  const goOn = (nextId: string, asked: boolean): void => {
    goesOn.current = true;
    currentVisit()?.goesOn(titleId, nextId, asked);
    intend(nextId);
    navigate(watchPath(nextId), { replace: true });
  };
  useEffect(() => () => void (goesOn.current || leaveFullScreen()), []);
  const mark = useMark(video, grant?.segments ?? []);
  const skip = (): void => {
    if (!mark || !video.current) return;
    video.current.currentTime = Math.min(mark.end_s, video.current.duration);
    announce(say(`skip.${mark.kind}.done`));
    container.current?.focus();
  };
  useKeys(video, skip);

  return (
    <main aria-label={name ? say("player.of", { name }) : say("player")}>
      <div class={`stage ${phase}${background ? "" : " plain-captions"}`} ref={frame}>
        {/* Keyed by attempt: Shaka leaves its controls in the element it was given. */}
        <div class="stage-player" ref={container} key={attempt.number} tabIndex={-1}>
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- captions come with the manifest */}
          <video ref={video} playsInline />
        </div>
        <div class="stage-top">
          <button type="button" class="round" aria-label={say("player.back")} onClick={back}>
            <BackIcon />
          </button>
          <p class="stage-name">{name}</p>
        </div>
        {phase === "starting" && <div class="stage-wait" aria-hidden="true" />}
        {phase === "blocked" && (
          <button type="button" class="stage-play" aria-label={say("play")} onClick={() => playback.current?.play()}>
            <PlayIcon />
          </button>
        )}
        {mark && phase === "playing" && (
          <button type="button" class="button skip" onClick={skip}>
            {markLabel(mark)}
          </button>
        )}
        {phase === "ended" && title.state === "ready" && (
          <TheEnd
            title={title.value}
            autoplay={autoplay}
            replay={() => again(true)}
            back={back}
            goOn={goOn}
            announce={announce}
          />
        )}
        {phase === "failed" && failure && <PlayFailure failure={failure} retry={() => again(false)} back={back} />}
        <p class="visually-hidden" role="status" aria-live="polite">
          {said || (phase === "failed" ? "" : say(`player.${phase}`))}
        </p>
      </div>
    </main>
  );
}

function leaveFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
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
