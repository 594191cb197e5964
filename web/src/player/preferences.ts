/**
 * What a viewer chose for the player, per profile. All of it but the volume is kept by the API, for every device of the
 * profile; this browser keeps it as well, so that a playback waits for nobody.
 */

import { putPreferences } from "../api/profiles";
import type { Preferences as Kept } from "../api/types";

export interface Preferences {
  volume: number;
  muted: boolean;
  captions: string | null; // language, or null for none
  audio: string | null; // language, or null for the title's own
  size: NonNullable<Kept["text_size"]>; // of captions
  background: boolean; // of captions
  autoplay: boolean; // of the next title
}

const DEFAULTS: Preferences = {
  volume: 1,
  muted: false,
  captions: null,
  audio: null,
  size: "medium",
  background: true,
  autoplay: true,
};
const withApi = new Map<string, Kept>(); // as the API has them

type Store = Pick<Storage, "getItem" | "setItem">;

/** The profile that watches; null before anyone has chosen one. */
export function currentProfile(store: Store = localStorage): string | null {
  try {
    return store.getItem("marquee.profile");
  } catch {
    return null; // storage may be forbidden
  }
}

/** Remembers who watches here, so that the player knows before the API was asked. */
export function noteProfile(
  profileId: string | null,
  store: Pick<Storage, "setItem" | "removeItem"> = localStorage,
): void {
  try {
    if (profileId) store.setItem("marquee.profile", profileId);
    else store.removeItem("marquee.profile");
  } catch {
    // it is asked for again next time
  }
}

/** What the API keeps of a profile takes the place of what was kept here. */
export function adoptPreferences(profileId: string, found: Kept, store: Store = localStorage): void {
  withApi.set(profileId, found);
  const captions = found.text_on ? (found.text_language ?? null) : null;
  const wanted: Partial<Preferences> = {
    captions,
    audio: found.audio_language ?? null,
    size: found.text_size ?? DEFAULTS.size,
    background: found.text_background ?? DEFAULTS.background,
    autoplay: found.autoplay_next ?? DEFAULTS.autoplay,
  };
  keepHere(profileId, wanted, store);
}

const key = (profile: string | null): string => `marquee.player.${profile ?? "guest"}`;

export function loadPreferences(profile: string | null, store: Store = localStorage): Preferences {
  try {
    const kept = JSON.parse(store.getItem(key(profile)) ?? "{}") as Partial<Preferences>;
    const volume = typeof kept.volume === "number" ? Math.min(1, Math.max(0, kept.volume)) : DEFAULTS.volume;
    return {
      volume,
      muted: kept.muted === true,
      captions: typeof kept.captions === "string" ? kept.captions : null,
      audio: typeof kept.audio === "string" ? kept.audio : null,
      size: kept.size === "small" || kept.size === "large" ? kept.size : DEFAULTS.size,
      background: kept.background !== false,
      autoplay: kept.autoplay !== false,
    };
  } catch {
    return DEFAULTS;
  }
}

/** Keeps a choice here, and with the API what every device should know. */
export function savePreferences(
  profile: string | null,
  change: Partial<Preferences>,
  store: Store = localStorage,
): void {
  keepHere(profile, change, store);
  const before = profile ? withApi.get(profile) : undefined;
  if (!profile || !before) return;
  const { captions, audio } = { captions: undefined, audio: undefined, ...change };
  if (captions === undefined && audio === undefined) return;
  const wanted: Kept = {
    ...before,
    ...(captions !== undefined && { text_on: captions !== null, text_language: captions ?? before.text_language }),
    ...(audio !== undefined && { audio_language: audio }),
  };
  withApi.set(profile, wanted);
  putPreferences(profile, wanted).catch(() => undefined); // it holds here, and is sent with the next choice
}

function keepHere(profile: string | null, change: Partial<Preferences>, store: Store): void {
  try {
    store.setItem(key(profile), JSON.stringify({ ...loadPreferences(profile, store), ...change }));
  } catch {
    // nothing is kept where storage is forbidden or full
  }
}
