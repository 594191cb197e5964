/** The controls of the page as they are drawn, and which of them the focus goes to. */

import { nearest, type Box, type Direction } from "./nearest";

export const PLAYER = ".stage-player";
export const MENUS = ".shaka-settings-menu:not(.shaka-hidden), .shaka-overflow-menu:not(.shaka-hidden)";
const SCOPES = `dialog[open], .curtain, ${MENUS}`;
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";
const FAR = 1.5; // of the window's height: what lies further off is scrolled to, not jumped to

function isReachable(control: HTMLElement): boolean {
  if (control.tabIndex < 0 || control.matches(":disabled") || control.closest("[inert], .skip-link")) return false;
  const fades = control.closest(PLAYER) !== null; // the player's controls come into view as they are reached
  return control.checkVisibility({ opacityProperty: !fades, visibilityProperty: true });
}

/** What is seen of a control, which may be drawn as something larger; of the player the line in its middle. */
function boxOf(control: Element): Box {
  const { left, right, top, bottom } = (control.closest("label") ?? control).getBoundingClientRect();
  const middle = (top + bottom) / 2;
  return control.matches(PLAYER) ? { left, right, top: middle, bottom: middle } : { left, right, top, bottom };
}

function controlsIn(scope: ParentNode): HTMLElement[] {
  return [...scope.querySelectorAll<HTMLElement>(CONTROLS)].filter(isReachable);
}

/** The control that has the focus; null when it is the page as a whole. */
function focused(): Element | null {
  const at = document.activeElement;
  return at && at !== document.body && at.id !== "main" ? at : null;
}

const inView = (control: HTMLElement): boolean => boxOf(control).bottom > 0 && boxOf(control).top < innerHeight;

/** The first control that an arrow leads to when none has the focus: of the page itself before its header. */
function firstOf(scope: ParentNode): HTMLElement | undefined {
  const main = scope.querySelector("main");
  return [...(main ? controlsIn(main).filter(inView) : []), ...controlsIn(scope)][0];
}

/** The control that an arrow leads to from where the focus is. */
export function next(direction: Direction): HTMLElement | undefined {
  const scope = [...document.querySelectorAll(SCOPES)].at(-1) ?? document;
  const from = focused();
  if (!from || !scope.contains(from)) return firstOf(scope);
  const others = controlsIn(scope).filter((control) => control !== from);
  const found = others[nearest(boxOf(from), others.map(boxOf), direction)];
  return found && isNear(boxOf(found)) ? found : undefined;
}

const isNear = ({ top, bottom }: Box): boolean => bottom > -FAR * innerHeight && top < (1 + FAR) * innerHeight;

export function reach(control: HTMLElement): void {
  control.focus({ preventScroll: true });
  control.scrollIntoView({ block: "nearest", inline: "nearest" });
}
