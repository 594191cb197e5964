/** Languages and quality: what a viewer chose before is chosen again, and a new choice is kept. */

import { say } from "../lib/words";
import { loadPreferences, savePreferences } from "./preferences";
import type { Player } from "./shaka";

const base = (language: string): string => language.split("-")[0] ?? language;

/** The exact language, or another variety of it. */
export function matching<T extends { language: string }>(tracks: T[], language: string | null): T | null {
  if (!language) return null;
  const same = (track: T): boolean => track.language === language;
  return tracks.find(same) ?? tracks.find((track) => base(track.language) === base(language)) ?? null;
}

const captionsOf = (player: Player): string | null =>
  player.getTextTracks().find((track) => track.active && !track.forced)?.language ?? null;
type AudioTrack = ReturnType<Player["getAudioTracks"]>[number];

// What DASH calls a role or an accessibility, HLS calls a characteristic.
const DESCRIPTION = ["description", "public.accessibility.describes-video"];

export const describes = ({
  roles,
  accessibilityPurpose,
}: Pick<AudioTrack, "roles" | "accessibilityPurpose">): boolean =>
  accessibilityPurpose === "visually impaired" || roles.some((role) => DESCRIPTION.includes(role));

const activeAudio = (player: Player): AudioTrack | undefined => player.getAudioTracks().find(({ active }) => active);
const audioOf = (player: Player): string | null => activeAudio(player)?.language ?? null;

/** Sound in the wanted language, with or without description; without one in any language, null. */
export function audioFor(tracks: AudioTrack[], language: string | null, description: boolean): AudioTrack | null {
  const fitting = tracks.filter((track) => describes(track) === description);
  return matching(fitting, language);
}

/** In the order of preference. */
function wantedAudio(language: string | null, description: boolean): object[] {
  const roles = [...(description ? DESCRIPTION : []), ...(language ? [""] : [])];
  return roles.map((role) => ({ language: language ?? "", role }));
}

/** Switches description on or off in the language that is heard. Says whether such sound is there. */
export function describe(player: Player, description: boolean): boolean {
  const now = activeAudio(player);
  if (!now || describes(now) === description) return true;
  const track = audioFor(player.getAudioTracks(), now.language, description);
  if (track) player.selectAudioTrack(track);
  return track !== null;
}

/** Configuration before the load, so that nothing of a wrong language is fetched. */
export function preferredTracks(profile: string | null): object {
  const { audio, captions, description } = loadPreferences(profile);
  return {
    preferredAudio: wantedAudio(audio, description),
    preferredText: captions ? [{ language: captions }] : [],
  };
}

/** After the load: captions as they were chosen. Without a choice only forced subtitles show. */
export function restoreCaptions(player: Player, profile: string | null): void {
  const tracks = player.getTextTracks();
  const chosen = matching(
    tracks.filter((track) => !track.forced),
    loadPreferences(profile).captions,
  );
  const forced = matching(
    tracks.filter((track) => track.forced),
    audioOf(player),
  );
  player.selectTextTrack(chosen ?? forced);
}

/** Captions off, or on: in the language that they had last, else in one of the viewer's, else in the first. */
export function toggleCaptions(player: Player, profile: string | null, languages: readonly string[]): void {
  const tracks = player.getTextTracks().filter((track) => !track.forced);
  if (tracks.some(({ active }) => active)) return player.selectTextTrack(null);
  const { language } = loadPreferences(profile);
  const found = [language, ...languages].map((wanted) => matching(tracks, wanted)).find(Boolean);
  player.selectTextTrack(found ?? tracks[0] ?? null);
}

/** Keeps the choices a viewer makes. What the player picks by itself while it loads is not one. */
interface Heard {
  captions: string | null;
  audio: string | null;
  description: boolean;
}

const heard = (player: Player): Heard => {
  const track = activeAudio(player);
  return {
    captions: captionsOf(player),
    audio: track?.language ?? null,
    description: track ? describes(track) : false,
  };
};

export class TrackMemory {
  readonly #player: Player;
  #kept: Heard | null = null;

  constructor(player: Player, profile: string | null, announce: (text: string) => void) {
    this.#player = player;
    const compare = (): void => {
      if (!this.#kept) return;
      const now = heard(player);
      const { captions, audio, description } = this.#kept;
      this.#kept = now;
      if (now.captions !== captions) {
        savePreferences(profile, { captions: now.captions });
        announce(say(now.captions ? "player.captions.on" : "player.captions.off"));
      }
      if (now.audio !== audio || now.description !== description) {
        const other = now.description !== description; // a title may lack what is wished for
        savePreferences(profile, { audio: now.audio, ...(other && { description: now.description }) });
        announce(say(now.description ? "player.described" : "player.audio"));
      }
    };
    player.addEventListener("textchanged", compare);
    player.addEventListener("audiotrackchanged", compare);
  }

  /** From here on a change is the viewer's. */
  resume(): void {
    this.#kept = heard(this.#player);
  }

  /** Until `resume`, changes are the player's. */
  pause(): void {
    this.#kept = null;
  }
}

/** Holds the rendition of this height, or the next lower one. */
export function holdQuality(player: Player, height: number): void {
  const tracks = player.getVariantTracks().filter((track) => (track.height ?? 0) <= height);
  const [best] = tracks.sort((a, b) => (b.height ?? 0) - (a.height ?? 0) || Number(b.active) - Number(a.active));
  if (!best) return;
  player.configure("abr.enabled", false);
  player.selectVariantTrack(best, true);
}
