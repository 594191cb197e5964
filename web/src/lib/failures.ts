/** What people are told of a problem of the API, by its stable type. Its `detail` is for programmers and in English. */

import type { ApiError } from "../api/client";
import { say, sayKnown, sayProblem } from "./words";

function byStatus(status: number): string {
  if (status === 404) return "not-found";
  if (status === 401) return "signed-out";
  return status >= 500 ? "internal" : "unknown";
}

export function sayFailure({ type, status }: Pick<ApiError, "type" | "status">): { heading: string; advice: string } {
  const known = type !== "unknown" && sayKnown(`failure.${type}`) ? type : byStatus(status);
  return {
    heading: sayKnown(`failure.${known}`) ?? say("failure.unknown"),
    advice: sayKnown(`failure.${known}.advice`) ?? sayProblem(known),
  };
}
