/** The player's keys: those that Shaka's UI takes (its `shortcuts`) and those beside them. */

import type { Word } from "../lib/words";

export interface Key {
  keys: readonly (string | { word: Word })[]; // a letter or sign, or the name of a key
  does: Word;
}

const named = (word: Word): { word: Word } => ({ word });

/** All keys, in the order of the help sheet. */
export const KEYS: readonly Key[] = [
  { keys: [named("key.space"), "K"], does: "keys.play" },
  { keys: ["←", "J"], does: "keys.back" },
  { keys: ["→", "L"], does: "keys.on" },
  { keys: [named("key.page-down"), named("key.page-up")], does: "keys.minute" },
  { keys: [named("key.home"), named("key.end")], does: "keys.ends" },
  { keys: ["0", "…", "9"], does: "keys.tenths" },
  { keys: [",", "."], does: "keys.frame" },
  { keys: ["<", ">"], does: "keys.speed" },
  { keys: ["↑", "↓"], does: "keys.volume" },
  { keys: ["M"], does: "keys.mute" },
  { keys: ["C"], does: "keys.captions" },
  { keys: ["S"], does: "keys.skip" },
  { keys: ["N"], does: "keys.next" },
  { keys: ["F"], does: "keys.fullscreen" },
  { keys: ["P"], does: "keys.picture" },
  { keys: ["?"], does: "keys.help" },
  { keys: [named("key.escape")], does: "keys.close" },
];

/** Shaka's own, but for captions, which ours toggles from the first press on, and for screenshots. */
export const SHAKA_KEYS = { captions: "", take_screenshot: "" };

export type Actions = Record<string, () => void>;

/** Whether a key is meant for something else: a field, a slider, a menu, a sheet that lies over the stage. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("dialog, textarea, select")) return true;
  const moves = target?.closest("input, [role^=menu], .shaka-settings-menu, .shaka-overflow-menu") ?? null;
  return moves !== null && ["ArrowUp", "ArrowDown"].includes(event.key);
}
