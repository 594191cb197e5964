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
const audioOf = (player: Player): string | null =>
  player.getAudioTracks().find((track) => track.active)?.language ?? null;

/** Configuration before the load, so that nothing of a wrong language is fetched. */
export function preferredTracks(profile: string | null): object {
  const { audio, captions } = loadPreferences(profile);
  return {
    preferredAudio: audio ? [{ language: audio }] : [],
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

/** Keeps the choices a viewer makes. What the player picks by itself while it loads is not one. */
export class TrackMemory {
  readonly #player: Player;
  #kept: { captions: string | null; audio: string | null } | null = null;

  constructor(player: Player, profile: string | null, announce: (text: string) => void) {
    this.#player = player;
    const compare = (): void => {
      if (!this.#kept) return;
      const now = { captions: captionsOf(player), audio: audioOf(player) };
      const { captions, audio } = this.#kept;
      this.#kept = now;
      if (now.captions !== captions) {
        savePreferences(profile, { captions: now.captions });
        announce(say(now.captions ? "player.captions.on" : "player.captions.off"));
      }
      if (now.audio !== audio) {
        savePreferences(profile, { audio: now.audio });
        announce(say("player.audio"));
      }
    };
    player.addEventListener("textchanged", compare);
    player.addEventListener("audiotrackchanged", compare);
  }

  /** From here on a change is the viewer's. */
  resume(): void {
    this.#kept = { captions: captionsOf(this.#player), audio: audioOf(this.#player) };
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
