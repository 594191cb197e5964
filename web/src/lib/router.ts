/** The pages' addresses, and moving between them without loading the app anew. */

import { useEffect, useState } from "preact/hooks";

export type Route =
  | { page: "home" }
  | { page: "browse" }
  | ({ page: "search" } & Search)
  | { page: "list"; list: ListName }
  | { page: "genre"; genre: string }
  | { page: "language"; language: string }
  | { page: "person"; personId: string }
  | { page: "series"; slug: string }
  | { page: "collection"; slug: string }
  | { page: "title"; titleId: string }
  | { page: "watch"; titleId: string; manifest: string | null; quality: number | null; restart: boolean }
  | { page: "preview" }
  | { page: "profiles" }
  | { page: "new-profile" }
  | { page: "profile"; profileId: string }
  | { page: MemberPage }
  | { page: "missing" };

/** Facets that narrow a search. */
export const FACETS = ["genre", "kind", "language", "decade"] as const;
export type Narrowed = Partial<Record<(typeof FACETS)[number], string>>;

export interface Search {
  query: string;
  narrowed: Narrowed;
}

export const LISTS = ["new", "leaving", "top10"] as const;
export type ListName = (typeof LISTS)[number];

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
export const BROWSE = "/browse";
export const PROFILES = "/profiles";
export const NEW_PROFILE = "/profiles/new";

/** Throws URIError for an address with a broken escape. */
function parse(path: string, search: string): Route {
  const [, page = "missing", written = ""] = /^\/([a-z0-9-]*)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  return (written ? about(page, decodeURIComponent(written), search) : named(page, search)) ?? { page: "missing" };
}

export function parseRoute(path: string, search: string): Route {
  try {
    return parse(path, search);
  } catch {
    return { page: "missing" };
  }
}

/** Pages about one thing. */
function about(page: string, id: string, search: string): Route | null {
  switch (page) {
    case "title":
      return { page, titleId: id };
    case "watch":
      return watched(id, new URLSearchParams(search));
    case "genres":
      return { page: "genre", genre: id };
    case "languages":
      return { page: "language", language: id };
    case "people":
      return { page: "person", personId: id };
    case "series":
      return { page, slug: id };
    case "collections":
      return { page: "collection", slug: id };
    case "profiles":
      if (id === "new") return { page: "new-profile" };
      return /^[0-9]+$/.test(id) ? { page: "profile", profileId: id } : null;
    default:
      return null;
  }
}

function watched(titleId: string, query: URLSearchParams): Route {
  const quality = Number.parseInt(query.get("quality") ?? "", 10) || null;
  return { page: "watch", titleId, manifest: query.get("manifest"), quality, restart: query.has("restart") };
}

/** Pages whose address is one word. */
function named(page: string, search: string): Route | null {
  if (page === "search") return { page, ...searched(new URLSearchParams(search)) };
  if (page === "") return { page: "home" };
  if (page === "browse" || page === "profiles" || page === "preview") return { page };
  const list = LISTS.find((name) => name === page);
  if (list) return { page: "list", list };
  const member = MEMBER_PAGES.find((name) => name === page);
  return member ? { page: member } : null;
}

function searched(query: URLSearchParams): Search {
  const chosen = FACETS.map((facet) => [facet, query.get(facet)] as const).filter(([, value]) => value);
  return { query: (query.get("q") ?? "").trim(), narrowed: Object.fromEntries(chosen) };
}

export const profilePath = (id: string): string => `${PROFILES}/${encodeURIComponent(id)}`;
export const titlePath = (id: string): string => `/title/${encodeURIComponent(id)}`;
export const watchPath = (id: string, restart = false): string =>
  `/watch/${encodeURIComponent(id)}${restart ? "?restart" : ""}`;
const under =
  (page: string) =>
  (id: string): string =>
    `/${page}/${encodeURIComponent(id)}`;
export const genrePath = under("genres");
export const languagePath = under("languages");
export const personPath = under("people");
export const seriesPath = under("series");
export const collectionPath = under("collections");
export const listPath = (list: ListName): string => `/${list}`;
export const searchPath = (query: string, narrowed: Narrowed = {}): string =>
  query ? `/search?${new URLSearchParams({ q: query, ...narrowed })}` : "/search";

const MOVED = "marquee:moved";
let depth = 0;

/** What a place in the history keeps: how many pages are behind it, and the link that was followed from it. */
interface Kept {
  depth?: number;
  followed?: string;
}

const kept = (): Kept => (history.state as Kept | null) ?? {};

/** The link that was followed from the page that is shown, once the viewer has come back to it. */
export const followed = (): string => kept().followed ?? "";

export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState({ depth: kept().depth }, "", path);
  else {
    history.replaceState({ ...kept(), followed: document.activeElement?.getAttribute("href") ?? "" }, "");
    history.pushState({ depth: ++depth }, "", path);
    window.scrollTo(0, 0);
  }
  window.dispatchEvent(new Event(MOVED));
}

/** Back where the viewer came from, or to `fallback` when the page was opened directly. */
export function goBack(fallback: string): void {
  if (kept().depth) history.back();
  else navigate(fallback, { replace: true });
}

const currentRoute = (): Route => parseRoute(location.pathname, location.search);

export function useRoute(): Route {
  const [route, setRoute] = useState(currentRoute);
  useEffect(() => {
    const update = (): void => {
      depth = kept().depth ?? 0;
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
