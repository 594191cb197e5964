import { useEffect, useRef, useState } from "preact/hooks";

import type { ApiError } from "../api/client";
import { openPreview } from "../api/playback";
import type { Preview } from "../api/types";
import { PlayFailure } from "../components/curtain";
import { Failure } from "../components/failure";
import { BackIcon, PlayIcon } from "../components/icons";
import { KeysSheet, SettingsSheet } from "../components/sheets";
import { asApiError, useDocumentTitle } from "../lib/load";
import { navigate } from "../lib/router";
import { keepKey, transport, useKeys, useMark, useSheets, useSpeed } from "../lib/stage";
import { say, sayMoment, wantedLanguages } from "../lib/words";
import type { Notice } from "../player/connection";
import type { SheetName } from "../player/controls";
import type { Failure as Failed } from "../player/errors";
import { markLabel } from "../player/marks";
import { Playback, type Phase } from "../player/playback";
import { asKept, fromKept, loadPreferences, savePreferences } from "../player/preferences";
import { linked } from "./sign-in";

const back = (): void => navigate("/", { replace: true }); // the page before this one is another site's

/**
 * A release that staff watches before viewers may. The link opens it once: its token is taken out of the address, and
 * what it gives is held by this page alone.
 */
export const PreviewPage = linked(function Opened({ token }) {
  const [preview, setPreview] = useState<Preview | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    openPreview(token).then(setPreview, (reason: unknown) => setError(asApiError(reason)));
  }, []);
  if (preview) return <PreviewStage preview={preview} />;
  return <main id="main">{error ? <Failure error={error} /> : <div class="gate-wait" aria-busy="true" />}</main>;
}, NoPreview);

function NoPreview() {
  return (
    <main id="main" class="notice">
      <h1>{say("player.preview.none")}</h1>
      <p>{say("player.preview.none.text")}</p>
    </main>
  );
}

/** The player as members have it, without what hangs on a profile: nothing is counted, remembered or suggested. */
function PreviewStage({ preview }: { preview: Preview }) {
  const { title_id: titleId, name, staff, playback: grant } = preview;
  const frame = useRef<HTMLDivElement>(null);
  const container = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const playback = useRef<Playback | null>(null);
  const goesOn = useRef(false); // by another try, for which the session is kept
  const [attempt, setAttempt] = useState(0);
  const [phase, setPhase] = useState<Phase>("starting");
  const [failure, setFailure] = useState<Failed | null>(null);
  const [notice, setNotice] = useState<Notice | null>(null);
  const [sheet, setSheet] = useState<SheetName | null>(null);
  const [said, announce] = useState("");
  const [chosen, setChosen] = useState(() => loadPreferences(null));
  useDocumentTitle(name);

  useEffect(() => {
    if (!frame.current || !container.current || !video.current) return;
    const stage = { frame: frame.current, container: container.current, video: video.current };
    const options = { titleId, manifest: null, quality: null, restart: true, askedAt: Date.now(), preview: grant };
    const listener = { phase: setPhase, failure: setFailure, granted: () => undefined, announce, notice: setNotice };
    const current = new Playback(stage, options, listener);
    playback.current = current;
    goesOn.current = false;
    void current.start();
    stage.container.focus({ preventScroll: true });
    return () => void current.stop(goesOn.current);
  }, [attempt]);

  const again = (): void => {
    goesOn.current = true;
    setFailure(null);
    setPhase("starting");
    setAttempt((number) => number + 1);
  };
  const mark = useMark(video, grant.segments, attempt);
  const skip = (): void => {
    if (!mark || !video.current) return;
    video.current.currentTime = Math.min(mark.end_s, video.current.duration);
    announce(say(`skip.${mark.kind}.done`));
  };
  useKeys({
    ...transport(video, announce),
    s: skip,
    c: () => playback.current?.captions(wantedLanguages()),
    "?": () => setSheet("keys"),
  });
  useSheets(container, setSheet, attempt);
  useSpeed(video, announce, attempt);

  return (
    <main aria-label={say("player.of", { name })}>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- a button's own key goes no further */}
      <div class={`stage ${phase}`} ref={frame} onKeyDown={(event) => keepKey(container, event)}>
        <div class="stage-player" ref={container} key={attempt} tabIndex={-1}>
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- captions come with the manifest */}
          <video ref={video} playsInline />
        </div>
        <div class="stage-top">
          <button type="button" class="round" aria-label={say("back")} onClick={back}>
            <BackIcon />
          </button>
          <p class="stage-name">{name}</p>
        </div>
        <p class="stage-preview">{say("player.preview", { staff, moment: sayMoment(grant.expires_at) })}</p>
        {phase === "starting" && <div class="stage-wait" aria-hidden="true" />}
        {notice && phase !== "failed" && phase !== "ended" && <p class="stage-notice">{say(`player.${notice}`)}</p>}
        {phase === "blocked" && (
          <button type="button" class="stage-play" aria-label={say("play")} onClick={() => playback.current?.play()}>
            <PlayIcon />
          </button>
        )}
        {mark && phase === "playing" && (
          <div class="stage-marks">
            <button type="button" class="button skip" onClick={skip}>
              {markLabel(mark)}
            </button>
          </div>
        )}
        {phase === "ended" && <Ended name={name} again={again} />}
        {phase === "failed" && failure && <PlayFailure failure={failure} retry={again} back={back} />}
        {sheet === "keys" && <KeysSheet close={() => setSheet(null)} />}
        {sheet === "settings" && (
          <SettingsSheet
            preferences={asKept(chosen)}
            change={(changed) => {
              savePreferences(null, fromKept({ ...asKept(chosen), ...changed }));
              setChosen(loadPreferences(null));
              void playback.current?.apply();
            }}
            close={() => setSheet(null)}
          />
        )}
        <p class="visually-hidden" role="status" aria-live="polite">
          {notice ? say(`player.${notice}`) : said || (phase === "failed" ? "" : say(`player.${phase}`))}
        </p>
      </div>
    </main>
  );
}

function Ended({ name, again }: { name: string; again: () => void }) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <div class="curtain">
      <p class="eyebrow">{say("end.title")}</p>
      <h1 class="display tiny">{name}</h1>
      <div class="actions">
        <button type="button" ref={first} class="button ghost" onClick={again}>
          {say("end.again")}
        </button>
        <button type="button" class="button ghost" onClick={back}>
          {say("back")}
        </button>
      </div>
    </div>
  );
}
