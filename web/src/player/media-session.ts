/** What the system shows of the title beside its media keys. Shaka acts on the keys themselves. */

import type { Title } from "../api/types";
import { episode } from "../lib/format";

/** The actions that Shaka takes: it must not take "stop", which would leave an empty stage. */
export const ACTIONS = ["play", "pause", "seekbackward", "seekforward", "seekto", "enterpictureinpicture"];

export function showTitle(title: Title | null): void {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.metadata = title && new MediaMetadata(metadataOf(title));
}

/** Poster and backdrop in full addresses: the system fetches them. */
export function metadataOf(title: Title, base = location.href): MediaMetadataInit {
  const pictures = [title.poster_url, title.backdrop_url].filter((url) => url !== null);
  return {
    title: title.name,
    artist: title.episode ? episode(title.episode) : String(title.year),
    artwork: pictures.map((url) => ({ src: new URL(url, base).href })),
  };
}

/** The key for the next title; null takes it away. */
export function onNextKey(next: (() => void) | null): void {
  try {
    navigator.mediaSession?.setActionHandler("nexttrack", next);
  } catch {
    // a browser without such a key
  }
}
