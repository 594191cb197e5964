/** Shaka's UI, and the buttons that it lacks: ten seconds back and on, and two that open a sheet. */

import type shaka from "shaka-player/dist/shaka-player.ui-es2021.js";

import { LANGUAGE_CHANGED, say } from "../lib/words";
import { SHAKA_KEYS } from "./keys";
import { ACTIONS } from "./media-session";
import { qualityLabel } from "./rendition";

export const JUMP_S = 10;

interface Sized {
  width?: number | null;
  height?: number | null;
}

/** Moves the playhead within the programme. */
export function jump(video: HTMLMediaElement, seconds: number): void {
  const end = Number.isFinite(video.duration) ? video.duration : Infinity;
  video.currentTime = Math.min(Math.max(0, video.currentTime + seconds), end);
}

const ARROW = "M12 5V1.5L7 6l5 4.5V7a6 6 0 1 1-6 6H4a8 8 0 1 0 8-8z";

/** What the page shows when its button in the menu was pressed; the container tells it by an event of this name. */
export const SHEETS = {
  settings: { event: "marquee:settings", label: "player.settings" },
  keys: { event: "marquee:keys", label: "player.keys" },
} as const;
export type SheetName = keyof typeof SHEETS;

function registerSheets(loaded: typeof shaka): void {
  for (const [name, { event, label }] of Object.entries(SHEETS)) {
    class SheetButton extends loaded.ui.Element {
      readonly #button: HTMLButtonElement;

      constructor(parent: HTMLElement, controls: shaka.ui.Controls) {
        super(parent, controls);
        const button = document.createElement("button");
        this.#button = button;
        button.className = "sheet-button";
        const speak = (): void => void (button.textContent = say(label));
        speak();
        this.eventManager?.listen(window, LANGUAGE_CHANGED, speak);
        parent.appendChild(button);
        this.eventManager?.listen(button, "click", () => {
          this.controls?.hideSettingsMenus();
          parent.dispatchEvent(new CustomEvent(event, { bubbles: true }));
        });
      }

      /** Shaka calls it whenever the menu opens, or one within it. */
      override checkAvailability(): void {
        this.#button.classList.toggle("shaka-hidden", this.isSubMenuOpened);
      }
    }
    loaded.ui.OverflowMenu.registerElement(`marquee_${name}`, {
      create: (parent: HTMLElement, controls: shaka.ui.Controls) => new SheetButton(parent, controls),
    });
  }
}

export function registerControls(loaded: typeof shaka): void {
  registerSheets(loaded);
  for (const [id, label, seconds] of [
    ["marquee_back_10", "player.jump.back", -JUMP_S],
    ["marquee_forward_10", "player.jump.on", JUMP_S],
  ] as const) {
    class JumpButton extends loaded.ui.Element {
      constructor(parent: HTMLElement, controls: shaka.ui.Controls) {
        super(parent, controls);
        const button = document.createElement("button");
        button.className = `jump-button shaka-tooltip ${id}`;
        const name = (): void => void (button.ariaLabel = say(label, { seconds: JUMP_S }));
        name();
        this.eventManager?.listen(window, LANGUAGE_CHANGED, name);
        button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ARROW}"/><text x="12" y="16.2">10</text></svg>`;
        parent.appendChild(button);
        this.eventManager?.listen(button, "click", () => this.video && jump(this.video, seconds));
      }
    }
    loaded.ui.Controls.registerElement(id, {
      create: (parent: HTMLElement, controls: shaka.ui.Controls) => new JumpButton(parent, controls),
    });
  }
}

const REMOTE = typeof HTMLMediaElement !== "undefined" && "remote" in HTMLMediaElement.prototype ? ["remote"] : [];
const CHOICES = ["captions", "language", ...REMOTE, "picture_in_picture"]; // behind the cogwheel where there is no room

/** Configuration of Shaka's UI; `narrow` for a stage the width of a phone. */
export function uiConfig(narrow: boolean) {
  return {
    controlPanelElements: [
      "play_pause",
      "marquee_back_10",
      "marquee_forward_10",
      "mute_volume",
      "time_and_duration",
      "spacer",
      ...(narrow ? [] : CHOICES),
      "overflow_menu",
      "fullscreen",
    ],
    topControlPanelElements: [], // the page has a bar of its own there
    bigButtons: [],
    overflowMenuButtons: [
      ...(narrow ? CHOICES : []),
      "chapter",
      "quality",
      "playback_rate",
      "marquee_settings",
      "marquee_keys",
    ],
    contextMenuElements: ["loop"],
    playbackRates: [0.5, 0.75, 1, 1.25, 1.5, 2],
    keyboardSeekDistance: JUMP_S,
    shortcuts: SHAKA_KEYS,
    mediaSession: { handleMetadata: false, supportedActions: ACTIONS },
    tapSeekDistance: JUMP_S,
    enableKeyboardPlaybackControlsInWindow: true,
    menuOpenUntilUserClosesIt: false,
    castSenderUrl: "", // nothing is loaded from elsewhere
    showAudioCodec: false,
    showVideoCodec: false,
    customTrackLabel: (label: string, track: Sized, kind: string): string =>
      kind === "video" ? qualityLabel(label, track) : label,
    seekBarColors: {
      base: "rgba(255, 247, 235, 0.22)",
      buffered: "rgba(255, 247, 235, 0.4)",
      played: "#ffc655",
      chapters: "#120d10",
    },
    volumeBarColors: { base: "rgba(255, 247, 235, 0.3)", level: "#ffc655" },
  };
}
