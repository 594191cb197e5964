/** Errors of playing in plain words, and what to do about them. Codes: shaka.util.Error.Code. */

import { ApiError, parseProblem } from "../api/client";
import { sayFailure } from "../lib/failures";
import { say, type Word } from "../lib/words";

export interface PlayError {
  severity: number;
  category: number;
  code: number;
  data: unknown[];
}

export interface Failure {
  /** The problem's type, where the API has refused. */
  type: string;
  heading: string;
  advice: string;
  category: string;
  code: string;
  traceId: string | null;
  /** A refusal by policy, not a fault: counted apart in the figures, and not worth a retry button. */
  business: boolean;
}

const NETWORK = 1;
const MANIFEST = 4;
const KEY_REQUESTS = new Set([2, 6]); // shaka.net.NetworkingEngine.RequestType LICENSE and KEY
export const TOKEN_REFUSED = new Set([401, 403, 410]);
const DECIDED = new Set([
  "stream-stopped",
  "too-many-streams",
  "no-plan",
  "payment-due",
  "email-not-verified",
  "maturity",
]); // a new session would be refused as well
const BAD_HTTP_STATUS = 1001;
const LICENCE_REQUEST_FAILED = 6007;
const CATEGORIES: Record<number, string> = {
  1: "network",
  2: "text",
  3: "media",
  4: "manifest",
  5: "streaming",
  6: "drm",
  7: "player",
  8: "cast",
  9: "storage",
  10: "ads",
};
const CRITICAL = 2;
const INTERRUPTED = new Set([7000, 7001, 7003]); // a load that another load or the end of the page replaced

/** Shaka's errors as they are; anything else that was thrown, as an error of the player itself. */
export function asPlayError(error: unknown): PlayError {
  if (typeof error === "object" && error !== null && "category" in error) return error as PlayError;
  return { severity: CRITICAL, category: 7, code: 0, data: [error] };
}

export const isCritical = (error: PlayError): boolean => error.severity === CRITICAL;
export const isInterruption = (error: PlayError): boolean => INTERRUPTED.has(error.code);
/** Whether nothing was answered, as without a network. A script that cannot be fetched is a TypeError. */
export const isOfNetwork = (error: unknown): boolean => {
  if (error instanceof ApiError) return error.status === 0;
  return error instanceof TypeError || root(asPlayError(error)).category === NETWORK;
};

export const categoryOf = (error: PlayError): string => CATEGORIES[error.category] ?? "unknown";

/** The network error inside a failed licence request, otherwise the error itself. */
function root(error: PlayError): PlayError {
  const [inner] = error.data;
  const wrapped =
    error.code === LICENCE_REQUEST_FAILED && typeof inner === "object" && inner !== null && "code" in inner;
  return wrapped ? (inner as PlayError) : error;
}

/** The URL a network error is about, if it is one. */
export function urlOf(error: PlayError): string | null {
  const { category, data } = root(error);
  return category === NETWORK && typeof data[0] === "string" ? data[0] : null;
}

/** Status and body of the answer behind an error, where there was one. */
function answer(error: PlayError): { status: number; problem: ApiError | null } | null {
  const { code, data } = root(error);
  if (code !== BAD_HTTP_STATUS || typeof data[1] !== "number") return null;
  return { status: data[1], problem: typeof data[2] === "string" ? parseProblem(data[1], data[2]) : null };
}

export type Remedy = "other-edge" | "new-session" | "give-up";

/**
 * What may still save a playback. Tokens only run out with time, so a young session that is refused (`sessionAgeMs`
 * under a minute) would be refused again.
 */
export function remedy(error: PlayError, sessionAgeMs: number): Remedy {
  const reply = answer(error);
  if (reply?.problem && DECIDED.has(reply.problem.type)) return "give-up";
  const status = reply?.status;
  if (status && TOKEN_REFUSED.has(status)) return sessionAgeMs > 60_000 ? "new-session" : "give-up";
  if (KEY_REQUESTS.has(Number(error.data[4]))) return "give-up"; // the licence server is no edge
  return error.category === NETWORK || error.category === MANIFEST ? "other-edge" : "give-up";
}

export function describeProblem(problem: ApiError): Failure {
  return {
    type: problem.type,
    ...sayFailure(problem),
    category: problem.status ? "api" : "network",
    code: problem.type,
    traceId: problem.traceId,
    business: [402, 403, 404, 409, 451].includes(problem.status),
  };
}

const BY_CATEGORY: Record<string, Word> = {
  network: "failure.play.network",
  manifest: "failure.play.manifest",
  media: "failure.play.media",
  drm: "failure.play.drm",
};
const BY_CODE: Record<number, Word> = {
  4032: "failure.play.formats",
  6001: "failure.play.protection",
  6012: "failure.play.protection",
};

export function describeError(error: PlayError): Failure {
  const reply = answer(error);
  if (reply?.problem) return { ...describeProblem(reply.problem), category: categoryOf(error), code: `${error.code}` };
  const category = categoryOf(error);
  const refused = reply && TOKEN_REFUSED.has(reply.status);
  const word = refused ? "failure.play.session" : (BY_CODE[error.code] ?? BY_CATEGORY[category] ?? "failure.play");
  return {
    type: "",
    heading: say(word),
    advice: say(`${word}.advice` as Word),
    category,
    code: `${error.code}`,
    traceId: null,
    business: false,
  };
}
