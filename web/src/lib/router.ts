/** The pages' addresses, and moving between them without loading the app anew. */

import { useEffect, useState } from "preact/hooks";

export type Route =
  | { page: "home"; query: string; genre: string }
  | { page: "title"; titleId: string }
  | { page: "watch"; titleId: string; manifest: string | null; quality: number | null; restart: boolean }
  | { page: "profiles" }
  | { page: "new-profile" }
  | { page: "profile"; profileId: string }
  | { page: MemberPage }
  | { page: "missing" };

/** Pages whose address is their name. */
export const MEMBER_PAGES = [
  "sign-in",
  "register",
  "forgotten",
  "reset",
  "verify",
  "confirm-address",
  "your-data",
  "account",
  "plan",
  "history",
] as const;
export type MemberPage = (typeof MEMBER_PAGES)[number];

export const SIGN_IN = "/sign-in";
export const REGISTER = "/register";
export const FORGOTTEN = "/forgotten";
export const ACCOUNT = "/account";
export const PLAN = "/plan";
export const HISTORY = "/history";
export const PROFILES = "/profiles";
export const NEW_PROFILE = "/profiles/new";

export function parseRoute(path: string, search: string): Route {
  const query = new URLSearchParams(search);
  const [, page, id] = /^\/(title|watch)\/([^/]+)\/?$/.exec(path) ?? [];
  if (page === "title" && id) return { page, titleId: decodeURIComponent(id) };
  if (page === "watch" && id) {
    return {
      page,
      titleId: decodeURIComponent(id),
      manifest: query.get("manifest"),
      quality: Number.parseInt(query.get("quality") ?? "", 10) || null,
      restart: query.has("restart"),
    };
  }
  if (path === "/") return { page: "home", query: query.get("q") ?? "", genre: query.get("genre") ?? "" };
  if (path === PROFILES) return { page: "profiles" };
  if (path === NEW_PROFILE) return { page: "new-profile" };
  const [, profileId] = /^\/profiles\/([0-9]+)$/.exec(path) ?? [];
  if (profileId) return { page: "profile", profileId };
  const member = MEMBER_PAGES.find((name) => path === `/${name}`);
  return { page: member ?? "missing" };
}

export const profilePath = (id: string): string => `${PROFILES}/${encodeURIComponent(id)}`;
export const titlePath = (id: string): string => `/title/${encodeURIComponent(id)}`;
export const watchPath = (id: string, restart = false): string =>
  `/watch/${encodeURIComponent(id)}${restart ? "?restart" : ""}`;
export const genrePath = (genre: string): string => `/?genre=${encodeURIComponent(genre)}`;
export const searchPath = (query: string): string => (query ? `/?q=${encodeURIComponent(query)}` : "/");

const MOVED = "marquee:moved";
let depth = 0;

export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(history.state, "", path);
  else {
    history.pushState({ depth: ++depth }, "", path);
    window.scrollTo(0, 0);
  }
  window.dispatchEvent(new Event(MOVED));
}

/** Back where the viewer came from, or to `fallback` when the page was opened directly. */
export function goBack(fallback: string): void {
  if ((history.state as { depth?: number } | null)?.depth) history.back();
  else navigate(fallback, { replace: true });
}

const currentRoute = (): Route => parseRoute(location.pathname, location.search);

export function useRoute(): Route {
  const [route, setRoute] = useState(currentRoute);
  useEffect(() => {
    const update = (): void => {
      depth = (history.state as { depth?: number } | null)?.depth ?? 0;
      setRoute(currentRoute());
    };
    window.addEventListener("popstate", update);
    window.addEventListener(MOVED, update);
    return () => {
      window.removeEventListener("popstate", update);
      window.removeEventListener(MOVED, update);
    };
  }, []);
  return route;
}
