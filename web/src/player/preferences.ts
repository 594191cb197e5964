/**
 * What a viewer chose for the player, per profile. All of it but the volume is kept by the API, for every device of the
 * profile; this browser keeps it as well, so that a playback waits for nobody, and a choice made offline is sent later.
 */

import { putPreferences } from "../api/profiles";
import type { Preferences as Kept } from "../api/types";

export interface Preferences {
  volume: number;
  muted: boolean;
  captions: string | null; // language, or null for none
  language: string | null; // of captions when they were last on
  audio: string | null; // language, or null for the title's own
  description: boolean; // sound that describes the picture
  size: NonNullable<Kept["text_size"]>; // of captions
  background: boolean; // of captions
  colour: NonNullable<Kept["text_colour"]>; // of captions
  saver: boolean; // small pictures only
  autoplay: boolean; // of the next title
}

const DEFAULTS: Preferences = {
  volume: 1,
  muted: false,
  captions: null,
  language: null,
  audio: null,
  description: false,
  size: "medium",
  background: true,
  colour: "white",
  saver: false,
  autoplay: true,
};
const OF_DEVICE = new Set(["volume", "muted"]);
const withApi = new Set<string>(); // profiles whose preferences the API has told

type Store = Pick<Storage, "getItem" | "setItem">;
type Local = Preferences & { unsent?: boolean }; // the API does not know the last choice

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

/** As the API keeps them. */
export function asKept(chosen: Preferences): Kept {
  return {
    audio_language: chosen.audio,
    audio_description: chosen.description,
    text_on: chosen.captions !== null,
    text_language: chosen.captions ?? chosen.language,
    text_size: chosen.size,
    text_background: chosen.background,
    text_colour: chosen.colour,
    data_saver: chosen.saver,
    autoplay_next: chosen.autoplay,
  };
}

/** As the player takes them. */
export function fromKept(found: Kept): Partial<Preferences> {
  return {
    captions: found.text_on ? (found.text_language ?? null) : null,
    language: found.text_language ?? null,
    audio: found.audio_language ?? null,
    description: found.audio_description ?? DEFAULTS.description,
    size: found.text_size ?? DEFAULTS.size,
    background: found.text_background ?? DEFAULTS.background,
    colour: found.text_colour ?? DEFAULTS.colour,
    saver: found.data_saver ?? DEFAULTS.saver,
    autoplay: found.autoplay_next ?? DEFAULTS.autoplay,
  };
}

/** What the API keeps of a profile takes the place of what was kept here, but for a choice that it has not heard of. */
export function adoptPreferences(profileId: string, found: Kept, store: Store = localStorage): void {
  withApi.add(profileId);
  if (loadLocal(profileId, store).unsent) send(profileId, store);
  else keepHere(profileId, fromKept(found), store);
}

const key = (profile: string | null): string => `marquee.player.${profile ?? "guest"}`;

export function loadPreferences(profile: string | null, store: Store = localStorage): Preferences {
  const { unsent: _, ...chosen } = loadLocal(profile, store);
  return chosen;
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** What is kept here, each part checked: anything may stand in a browser's storage. */
function loadLocal(profile: string | null, store: Store): Local {
  const kept = readHere(profile, store);
  const { volume } = kept;
  return {
    volume: typeof volume === "number" ? Math.min(1, Math.max(0, volume)) : DEFAULTS.volume,
    muted: kept.muted === true,
    captions: text(kept.captions),
    language: text(kept.language),
    audio: text(kept.audio),
    description: kept.description === true,
    size: kept.size === "small" || kept.size === "large" ? kept.size : DEFAULTS.size,
    background: kept.background !== false,
    colour: kept.colour === "yellow" ? "yellow" : DEFAULTS.colour,
    saver: kept.saver === true,
    autoplay: kept.autoplay !== false,
    ...(kept.unsent === true && { unsent: true }),
  };
}

function readHere(profile: string | null, store: Store): Partial<Local> {
  try {
    const kept: unknown = JSON.parse(store.getItem(key(profile)) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {}; // storage may be forbidden, or broken
  }
}

/** Keeps a choice here, and with the API what every device should know. */
export function savePreferences(
  profile: string | null,
  change: Partial<Preferences>,
  store: Store = localStorage,
): void {
  const told = Object.keys(change).some((name) => !OF_DEVICE.has(name));
  const language = change.captions ? { language: change.captions } : {};
  keepHere(profile, { ...change, ...language, ...(told && profile && { unsent: true }) }, store);
  if (told && profile && withApi.has(profile)) send(profile, store);
}

/** What cannot be sent now is sent with the next choice, or when the API has been asked for the profiles again. */
function send(profile: string, store: Store): void {
  const wanted = asKept(loadPreferences(profile, store));
  putPreferences(profile, wanted).then(
    () => {
      const same = JSON.stringify(asKept(loadPreferences(profile, store))) === JSON.stringify(wanted);
      if (same) keepHere(profile, { unsent: false }, store);
    },
    () => undefined,
  );
}

function keepHere(profile: string | null, change: Partial<Local>, store: Store): void {
  try {
    store.setItem(key(profile), JSON.stringify({ ...loadLocal(profile, store), ...change }));
  } catch {
    // nothing is kept where storage is forbidden or full
  }
}
