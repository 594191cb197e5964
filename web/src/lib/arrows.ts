/**
 * The app by four arrows and a back key, as on a television. Elsewhere arrows move the focus until a pointer is used:
 * from then on they scroll, as everywhere.
 */

import { DIRECTIONS, type Direction } from "./nearest";
import { MENUS, next, PLAYER, reach } from "./reaching";
import { goBack } from "./router";
import { isBack, isTelevision } from "./television";

const OPEN_LIST = "[role=combobox][aria-expanded=true]"; // of suggestions, which has uses for these keys
let pointed = false;

const isWritten = (at: Element | null): at is HTMLInputElement | HTMLTextAreaElement =>
  at instanceof HTMLTextAreaElement ||
  (at instanceof HTMLInputElement && !["button", "checkbox", "radio", "range", "submit"].includes(at.type));

/** Whether the control has a use of its own for the arrow. */
function keeps(at: Element | null, direction: Direction): boolean {
  const sideways = direction === "left" || direction === "right";
  if (at instanceof HTMLTextAreaElement) return true;
  if (isWritten(at)) return sideways && at.value !== "";
  if (at instanceof HTMLSelectElement) return !sideways;
  return at instanceof HTMLInputElement && ["radio", "range"].includes(at.type) && sideways;
}

/** Within the player: Left and Right seek, Up and Down lead to its controls, among which all four move. */
function isThePlayers(direction: Direction): boolean {
  const at = document.activeElement;
  if (!document.querySelector(PLAYER) || document.querySelector(".curtain, dialog[open]")) return false;
  if (!isTelevision()) return true;
  return (at?.matches(PLAYER) || at === document.body) && (direction === "left" || direction === "right");
}

/** Shaka shows its controls for as long as a class says that keys lead through them, and looks when a mouse moves. */
function showControls(shown: boolean): void {
  const controls = document.querySelector(".shaka-controls-container");
  controls?.classList.toggle("shaka-keyboard-navigation", shown);
  controls?.dispatchEvent(new MouseEvent("mousemove", { bubbles: true }));
}

/** The middle key of a remote control plays and pauses. */
function toggle(event: KeyboardEvent): void {
  if (!isTelevision() || event.key !== "Enter" || !document.activeElement?.matches(PLAYER)) return;
  const video = document.querySelector<HTMLVideoElement>(`${PLAYER} video`);
  event.preventDefault();
  if (video?.paused) void video.play();
  else video?.pause();
}

function arrow(event: KeyboardEvent): void {
  const direction = DIRECTIONS[event.key as keyof typeof DIRECTIONS] as Direction | undefined;
  if (!direction || (pointed && !isTelevision()) || isThePlayers(direction)) return;
  if (keeps(document.activeElement, direction)) return;
  if (document.activeElement?.matches(OPEN_LIST)) return;
  if (document.querySelector(PLAYER)) showControls(true);
  const found = next(direction);
  if (!found) return;
  event.preventDefault();
  event.stopPropagation(); // the player has uses for arrows too
  reach(found);
}

function back(event: KeyboardEvent): void {
  const at = document.activeElement;
  if (!isTelevision() || !isBack(event, isWritten(at) && at.value !== "")) return;
  const dialog = document.querySelector<HTMLDialogElement>("dialog[open]");
  if (!dialog && location.pathname === "/") return; // the television leaves the app
  if (at?.matches(OPEN_LIST)) return;
  event.preventDefault();
  event.stopPropagation();
  if (dialog) dialog.close();
  else if (!backInPlayer(at)) goBack("/");
}

/** From an open menu or a control of the player to the player itself; false where there is nothing to leave. */
function backInPlayer(at: Element | null): boolean {
  const player = document.querySelector<HTMLElement>(PLAYER);
  if (!player?.contains(at) || at === player) return false;
  if (document.querySelector(MENUS)) window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  showControls(false);
  player.focus();
  return true;
}

function press(event: KeyboardEvent): void {
  if (!event.isTrusted || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
  arrow(event);
  toggle(event);
  back(event);
}

/** From now on. On a television the page is also set for three metres. */
export function followArrows(): void {
  document.documentElement.classList.toggle("television", isTelevision());
  window.addEventListener("keydown", press, { capture: true });
  for (const name of ["pointermove", "pointerdown", "wheel"])
    window.addEventListener(name, () => (pointed = true), { passive: true, capture: true });
}
