/** What a viewer chose in the player, kept per profile in this browser. */

export interface Preferences {
  volume: number;
  muted: boolean;
  captions: string | null; // language, or null for none
  audio: string | null; // language, or null for the title's own
}

const DEFAULTS: Preferences = { volume: 1, muted: false, captions: null, audio: null };

type Store = Pick<Storage, "getItem" | "setItem">;

/** The profile that watches; null before anyone has chosen one. */
export function currentProfile(store: Store = localStorage): string | null {
  try {
    return store.getItem("marquee.profile");
  } catch {
    return null; // storage may be forbidden
  }
}

export function chooseProfile(profileId: string, store: Store = localStorage): void {
  try {
    store.setItem("marquee.profile", profileId);
  } catch {
    // it is asked for again next time
  }
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
    };
  } catch {
    return DEFAULTS;
  }
}

export function savePreferences(
  profile: string | null,
  change: Partial<Preferences>,
  store: Store = localStorage,
): void {
  try {
    store.setItem(key(profile), JSON.stringify({ ...loadPreferences(profile, store), ...change }));
  } catch {
    // nothing is kept where storage is forbidden or full
  }
}
