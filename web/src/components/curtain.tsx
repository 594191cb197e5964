import { useEffect, useRef, useState } from "preact/hooks";

import { listStreams, stopStream } from "../api/playback";
import { useLoad } from "../lib/load";
import { ACCOUNT, PLAN, PROFILES, SIGN_IN } from "../lib/router";
import { say, type Word } from "../lib/words";
import { ANSWER_MS } from "../player/attention";
import type { Failure } from "../player/errors";
import { Link } from "./link";

/** What covers the stage when nothing plays. The first button takes the focus, as a dialogue's would. */
function useFocus() {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return button;
}

const ELSEWHERE: Record<string, { to: string; button: Word }> = {
  unauthorised: { to: SIGN_IN, button: "sign-in" },
  "signed-out": { to: SIGN_IN, button: "sign-in" },
  "no-profile": { to: PROFILES, button: "profiles" },
  "email-not-verified": { to: ACCOUNT, button: "account" },
  "no-plan": { to: PLAN, button: "plan.choose" },
  "payment-due": { to: PLAN, button: "plan" },
};

export function PlayFailure({ failure, retry, back }: { failure: Failure; retry: () => void; back: () => void }) {
  const first = useFocus();
  const stopped = failure.type === "stream-stopped";
  const retries = !failure.business || stopped;
  const way = ELSEWHERE[failure.type];
  return (
    <div class="curtain" role="alert">
      <h1 class="display small">{failure.heading}</h1>
      <p>{failure.advice}</p>
      {failure.type === "too-many-streams" && <Playing stopped={retry} />}
      <div class="actions">
        {retries && (
          <button type="button" ref={first} class="button primary" onClick={retry}>
            {stopped ? say("streams.here") : say("try-again")}
          </button>
        )}
        {way && (
          <Link to={way.to} class="button primary">
            {say(way.button)}
          </Link>
        )}
        <button type="button" ref={retries ? null : first} class="button ghost" onClick={back}>
          {say("back")}
        </button>
      </div>
      <p class="trace">
        {failure.traceId && <>{say("failure.trace")} </>}
        <code>{failure.code}</code>
        {failure.traceId && (
          <>
            {" · "}
            <code>{failure.traceId}</code>
          </>
        )}
      </p>
    </div>
  );
}

/** Asks whether anybody is there, after a long time in which nobody did anything. */
export function StillWatching({ goOn, back }: { goOn: () => void; back: () => void }) {
  const first = useFocus();
  useEffect(() => {
    const timer = setTimeout(back, ANSWER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="curtain" role="alertdialog" aria-labelledby="still-heading">
      <h1 id="still-heading" class="display small">
        {say("still")}
      </h1>
      <div class="actions">
        <button type="button" ref={first} class="button primary" onClick={goOn}>
          {say("still.yes")}
        </button>
        <button type="button" class="button ghost" onClick={back}>
          {say("back")}
        </button>
      </div>
    </div>
  );
}

/** What plays on other devices, each with a button that stops it and plays here. */
function Playing({ stopped }: { stopped: () => void }) {
  const load = useLoad("streams", () => listStreams());
  const [failed, setFailed] = useState(false);
  if (load.state !== "ready") return null;
  const stop = async (sessionId: string): Promise<void> => {
    try {
      await stopStream(sessionId);
      stopped();
    } catch {
      setFailed(true);
    }
  };
  return (
    <ul class="lines streams">
      {load.value.items.map((stream) => (
        <li key={stream.session_id}>
          <span>
            <strong>{stream.device}</strong>
            <small>{stream.name}</small>
          </span>
          <button type="button" class="button ghost small" onClick={() => void stop(stream.session_id)}>
            {say("streams.stop")}
          </button>
        </li>
      ))}
      {failed && <li role="alert">{say("problem.unknown")}</li>}
    </ul>
  );
}
