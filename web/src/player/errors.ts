/** Errors of playing in plain words, and what to do about them. Codes: shaka.util.Error.Code. */

import { ApiError, parseProblem } from "../api/client";

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
const TOKEN_REFUSED = new Set([401, 403, 410]);
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

const PROBLEMS: Record<string, [heading: string, advice: string]> = {
  "not-found": ["Not available", "This title does not exist, or is not available where you are."],
  unauthorised: ["Please sign in", "Your sign-in has ended."],
  maturity: ["Not for this profile", "This title is not suitable for the profile that is watching."],
  "signed-out": ["Please sign in", "Your sign-in has ended."],
  "no-profile": ["Who is watching?", "Choose a profile first."],
  "email-not-verified": ["Confirm your address first", "We have sent you a message with a link."],
  "no-plan": ["You need a plan", "Choose one, and this title plays."],
  "payment-due": ["Your plan has to be paid", "As soon as it is, everything plays again."],
  "too-many-streams": ["Playing on other devices", "Your plan has no more places. Stop one to watch here."],
  "stream-stopped": ["Stopped from another device", "You can go on here; then another device has to stop."],
  forbidden: ["Not included", "Your account does not cover this title."],
  conflict: ["This cannot be played here", "Another browser may."],
  unavailable: ["Not available at the moment", "Trying again in a moment may help."],
  offline: ["No connection", "Marquee cannot be reached. Check the connection and try again."],
  timeout: ["This is taking too long", "The service did not answer in time."],
};

export function describeProblem(problem: ApiError): Failure {
  const [heading, advice] = PROBLEMS[problem.type] ?? ["This title cannot be played now", ""];
  const business = [402, 403, 404, 409, 451].includes(problem.status);
  return {
    type: problem.type,
    heading,
    advice: (business && !DECIDED.has(problem.type) && problem.message) || advice || problem.message,
    category: problem.status ? "api" : "network",
    code: problem.type,
    traceId: problem.traceId,
    business,
  };
}

const BY_CATEGORY: Record<string, [heading: string, advice: string]> = {
  network: ["The connection was lost", "The film could not be fetched. Check the connection and try again."],
  manifest: ["This title cannot be read", "What arrived was incomplete. Trying again may help."],
  media: ["The picture stopped", "This device could not decode the film. Another browser may."],
  drm: ["No licence to play", "This title is protected, and no licence could be obtained."],
};
const BY_CODE: Record<number, [heading: string, advice: string]> = {
  4032: ["This device cannot play it", "None of the formats of this title works in this browser."],
  6001: ["This browser cannot play it", "It has no support for the protection of this title."],
  6012: ["This browser cannot play it", "It has no support for the protection of this title."],
};

export function describeError(error: PlayError): Failure {
  const reply = answer(error);
  if (reply?.problem) return { ...describeProblem(reply.problem), category: categoryOf(error), code: `${error.code}` };
  const category = categoryOf(error);
  if (reply && TOKEN_REFUSED.has(reply.status)) {
    const [heading, advice] = ["The session has ended", "Start again to go on where you were."];
    return { type: "", heading, advice, category, code: `${error.code}`, traceId: null, business: false };
  }
  const [heading, advice] = BY_CODE[error.code] ??
    BY_CATEGORY[category] ?? ["Playback stopped", "Something unexpected happened. Trying again may help."];
  return { type: "", heading, advice, category, code: `${error.code}`, traceId: null, business: false };
}
