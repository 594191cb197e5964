/** Shaka Player with its UI, fetched when a page that may play asks for it. */

import type shaka from "shaka-player/dist/shaka-player.ui-es2021.js";

import { registerControls } from "./controls";

export type Shaka = typeof shaka;
export type Player = shaka.Player;
export type Overlay = shaka.ui.Overlay;
export type ShakaError = shaka.util.Error;

let loading: Promise<Shaka> | null = null;

export function loadShaka(): Promise<Shaka> {
  loading ??= Promise.all([
    import("shaka-player/dist/shaka-player.ui-es2021.js"),
    import("shaka-player/dist/controls.modern.css"),
  ]).then(
    ([{ default: loaded }]) => {
      loaded.polyfill.installAll();
      registerControls(loaded);
      return loaded;
    },
    (error: unknown) => {
      loading = null; // so that a retry asks the network again
      throw error;
    },
  );
  return loading;
}
