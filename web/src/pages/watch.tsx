import { useEffect, useRef, useState } from "preact/hooks";

import { getTitle } from "../api/catalogue";
import type { Grant, Preferences } from "../api/types";
import { BackIcon, PlayIcon } from "../components/icons";
import { PlayFailure, StillWatching } from "../components/curtain";
import { KeysSheet, SettingsSheet } from "../components/sheets";
import { TheEnd } from "../components/the-end";
import { intend, takeIntent } from "../lib/intent";
import { useDocumentTitle, useLoad } from "../lib/load";
import { goBack, navigate, titlePath, watchPath } from "../lib/router";
import { keepKey, transport, useAttention, useKeys, useMark, useNext, useSheets, useSpeed } from "../lib/stage";
import { currentVisit } from "../lib/visit";
import { say, wantedLanguages } from "../lib/words";
import { attention } from "../player/attention";
import type { Notice } from "../player/connection";
import type { Failure } from "../player/errors";
import type { SheetName } from "../player/controls";
import { markLabel } from "../player/marks";
import { onNextKey, showTitle } from "../player/media-session";
import { Playback, type Phase } from "../player/playback";
import { asKept, currentProfile, fromKept, loadPreferences, savePreferences } from "../player/preferences";

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
  const [notice, setNotice] = useState<Notice | null>(null);
  const [asking, setAsking] = useState(false);
  const [sheet, setSheet] = useState<SheetName | null>(null);
  const [said, announce] = useState("");
  const [chosen, setChosen] = useState(() => loadPreferences(currentProfile()));
  const goesOn = useRef(false); // to the next title, which stays full screen

  const load = useLoad(titleId, (signal) => getTitle(titleId, signal));
  const title = load.state === "ready" ? load.value : null;
  const name = title?.name ?? "";
  useDocumentTitle(name);

  useEffect(() => {
    if (!frame.current || !container.current || !video.current) return;
    const stage = { frame: frame.current, container: container.current, video: video.current };
    const asked = { titleId, manifest, quality, askedAt: takeIntent(titleId) };
    const options = { ...asked, restart: attempt.restart, preview: null };
    const granted = (given: Grant): void => {
      setGrant(given);
      if (given.events) currentVisit()?.played(titleId, given.session_id);
    };
    const changed = (to: Phase): void => {
      setPhase(to);
      if (to === "playing") setAsking(false); // by a media key
    };
    const listener = { phase: changed, failure: setFailure, granted, announce, notice: setNotice };
    const current = new Playback(stage, options, listener);
    playback.current = current;
    void current.start();
    stage.container.focus({ preventScroll: true });
    return () => void current.stop();
  }, [attempt]);

  const again = (fromStart: boolean): void => {
    setFailure(null);
    setPhase("starting");
    setAttempt(({ number }) => ({ number: number + 1, restart: fromStart }));
  };
  const trailer = title?.kind === "trailer";
  const back = (): void => goBack(titlePath(title?.film_id ?? titleId));
  const goOn = (nextId: string, asked: boolean): void => {
    goesOn.current = true;
    if (asked) attention.acted();
    else attention.began();
    currentVisit()?.goesOn(titleId, nextId, asked);
    intend(nextId);
    navigate(watchPath(nextId), { replace: true });
  };
  useEffect(() => () => void (goesOn.current || leaveFullScreen()), []);

  const mark = useMark(video, grant?.segments ?? [], attempt.number);
  const next = useNext(trailer ? null : title, mark, async () => playback.current?.tell());
  const skip = (): void => {
    if (!mark || !video.current) return;
    video.current.currentTime = Math.min(mark.end_s, video.current.duration);
    announce(say(`skip.${mark.kind}.done`));
    container.current?.focus();
  };
  const playNext = next ? () => goOn(next.title_id, true) : null;
  useEffect(() => {
    if (mark) announce(say("skip.by-key", { what: markLabel(mark) }));
  }, [mark]);

  useKeys({
    ...transport(video, announce),
    s: skip,
    n: () => playNext?.(),
    c: () => playback.current?.captions(wantedLanguages()),
    "?": () => setSheet("keys"),
  });
  useSheets(container, setSheet, attempt.number);
  useSpeed(video, announce, attempt.number);

  useEffect(() => {
    showTitle(title);
    return () => showTitle(null);
  }, [title, phase === "starting"]);
  useEffect(() => {
    onNextKey(playNext);
    return () => onNextKey(null);
  }, [next]);

  useAttention(video, () => {
    video.current?.pause();
    setAsking(true);
  });
  const stillHere = (): void => {
    attention.acted();
    setAsking(false);
    playback.current?.play();
    container.current?.focus();
  };

  useEffect(() => {
    if (phase === "ended" && trailer) back();
  }, [phase, trailer]);
  useEffect(() => {
    if (phase !== "failed" || failure?.category !== "network") return;
    const retry = (): void => again(false);
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [phase, failure]);

  const choose = (changed: Partial<Preferences>): void => {
    savePreferences(currentProfile(), fromKept({ ...asKept(chosen), ...changed }));
    setChosen(loadPreferences(currentProfile()));
    void playback.current?.apply();
  };
  const captions = `${chosen.background ? "" : " plain-captions"}${chosen.colour === "yellow" ? " yellow-captions" : ""}`;
  return (
    <main aria-label={name ? say("player.of", { name }) : say("player")}>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- a button's own key goes no further */}
      <div
        class={`stage ${phase}${captions}${asking ? " asking" : ""}`}
        ref={frame}
        onKeyDown={(event) => keepKey(container, event)}
      >
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
        {notice && phase !== "failed" && phase !== "ended" && <p class="stage-notice">{say(`player.${notice}`)}</p>}
        {phase === "blocked" && (
          <button type="button" class="stage-play" aria-label={say("play")} onClick={() => playback.current?.play()}>
            <PlayIcon />
          </button>
        )}
        {mark && phase === "playing" && !asking && (
          <div class="stage-marks">
            <button type="button" class="button skip" onClick={skip}>
              {markLabel(mark)}
            </button>
            {playNext && (
              <button type="button" class="button primary" onClick={playNext}>
                <PlayIcon />
                {say("next.title")}
              </button>
            )}
          </div>
        )}
        {asking && <StillWatching goOn={stillHere} back={back} />}
        {phase === "ended" && title && !trailer && (
          <TheEnd
            title={title}
            autoplay={chosen.autoplay}
            asks={attention.manyTitles || attention.longAgo}
            replay={() => again(true)}
            back={back}
            goOn={goOn}
            announce={announce}
          />
        )}
        {phase === "failed" && failure && <PlayFailure failure={failure} retry={() => again(false)} back={back} />}
        {sheet === "keys" && <KeysSheet close={() => setSheet(null)} />}
        {sheet === "settings" && (
          <SettingsSheet preferences={asKept(chosen)} change={choose} close={() => setSheet(null)} />
        )}
        <p class="visually-hidden" role="status" aria-live="polite">
          {notice ? say(`player.${notice}`) : said || (phase === "failed" ? "" : say(`player.${phase}`))}
        </p>
      </div>
    </main>
  );
}

function leaveFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
}
