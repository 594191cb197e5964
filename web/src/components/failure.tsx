import type { ComponentChildren } from "preact";

import type { ApiError } from "../api/client";

/** What a person is told of a problem outside the player. */
function explain(error: ApiError): [heading: string, advice: string] {
  if (error.type === "offline")
    return ["No connection", "Marquee cannot be reached. Check the connection and try again."];
  if (error.type === "timeout") return ["This is taking too long", "The service did not answer in time."];
  if (error.type === "maturity")
    return ["Not for this profile", "This title is not suitable for the profile that is watching."];
  if (error.status === 404) return ["Not here", "This title does not exist, or is not available where you are."];
  if (error.status === 401) return ["Please sign in", "Your sign-in has ended."];
  if (error.type === "no-profile") return ["Who is watching?", "Choose a profile first."];
  if (error.status >= 500) return ["Something broke on our side", "It is not you. Trying again in a moment may help."];
  return ["That did not work", error.message];
}

export function Failure({
  error,
  retry,
  children,
}: {
  error: ApiError;
  retry?: () => void;
  children?: ComponentChildren;
}) {
  const [heading, advice] = explain(error);
  return (
    <div class="notice" role="alert">
      <h1>{heading}</h1>
      <p>{advice}</p>
      <div class="actions">
        {retry && (
          <button type="button" class="button primary" onClick={retry}>
            Try again
          </button>
        )}
        {children}
      </div>
      {error.traceId && error.status !== 403 && (
        <p class="trace">
          If it stays, quote <code>{error.traceId}</code>
        </p>
      )}
    </div>
  );
}
