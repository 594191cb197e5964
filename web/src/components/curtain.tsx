import { useEffect, useRef } from "preact/hooks";

import type { Failure } from "../player/errors";

/** What covers the stage when nothing plays. The first button takes the focus, as a dialogue's would. */
function useFocus() {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return button;
}

export function PlayFailure({ failure, retry, back }: { failure: Failure; retry: () => void; back: () => void }) {
  const first = useFocus();
  return (
    <div class="curtain" role="alert">
      <h1 class="display small">{failure.heading}</h1>
      <p>{failure.advice}</p>
      <div class="actions">
        {!failure.business && (
          <button type="button" ref={first} class="button primary" onClick={retry}>
            Try again
          </button>
        )}
        <button type="button" ref={failure.business ? first : null} class="button ghost" onClick={back}>
          Back
        </button>
      </div>
      <p class="trace">
        {failure.category} {failure.code}
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

export function TheEnd({ name, replay, back }: { name: string; replay: () => void; back: () => void }) {
  const first = useFocus();
  return (
    <div class="curtain">
      <p class="eyebrow">The end</p>
      <h1 class="display small">{name}</h1>
      <div class="actions">
        <button type="button" ref={first} class="button primary" onClick={replay}>
          Watch again
        </button>
        <button type="button" class="button ghost" onClick={back}>
          Back
        </button>
      </div>
    </div>
  );
}
