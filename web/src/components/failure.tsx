import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import type { ApiError } from "../api/client";
import { sayFailure } from "../lib/failures";
import { say } from "../lib/words";

export function Failure({
  error,
  retry,
  children,
}: {
  error: ApiError;
  retry?: () => void;
  children?: ComponentChildren;
}) {
  const { heading, advice } = sayFailure(error);
  useEffect(() => {
    if (!retry || error.type !== "offline") return;
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [retry, error]);
  return (
    <div class="notice" role="alert">
      <h1>{heading}</h1>
      <p>{advice}</p>
      <div class="actions">
        {retry && (
          <button type="button" class="button primary" onClick={retry}>
            {say("try-again")}
          </button>
        )}
        {children}
      </div>
      {error.traceId && error.status !== 403 && (
        <p class="trace">
          {say("failure.trace")} <code>{error.traceId}</code>
        </p>
      )}
    </div>
  );
}
