/** Where the focus goes by an arrow key: geometry alone. */

export const DIRECTIONS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;
export type Direction = (typeof DIRECTIONS)[keyof typeof DIRECTIONS];

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const ASIDE = 3; // a step to the side counts as so many ahead
const OFF_CENTRE = 0.1; // of two that are as near, the one that is more in line
const TOUCHING = 2; // px by which neighbours may overlap

/** The box turned so that the direction is to the right. */
function turned({ left, right, top, bottom }: Box, direction: Direction): Box {
  if (direction === "right") return { left, right, top, bottom };
  if (direction === "left") return { left: -right, right: -left, top, bottom };
  if (direction === "down") return { left: top, right: bottom, top: left, bottom: right };
  return { left: -bottom, right: -top, top: left, bottom: right };
}

/** How far it is from one box to another in the direction, in px; null where it does not lie there. */
export function distance(from: Box, to: Box, direction: Direction): number | null {
  const [a, b] = [turned(from, direction), turned(to, direction)];
  if (b.left < a.right - TOUCHING || b.right <= a.right) return null;
  const aside = Math.max(0, b.top - a.bottom, a.top - b.bottom);
  const sideways = direction === "left" || direction === "right";
  if (sideways && aside > 0) return null; // a row ends where it ends
  const offCentre = Math.abs(a.top + a.bottom - b.top - b.bottom) / 2;
  return Math.max(0, b.left - a.right) + ASIDE * aside + OFF_CENTRE * offCentre;
}

/** The place of the nearest of several boxes in the direction; -1 where none lies there. */
export function nearest(from: Box, boxes: readonly Box[], direction: Direction): number {
  let best = -1;
  let least = Infinity;
  boxes.forEach((box, place) => {
    const far = distance(from, box, direction);
    if (far !== null && far < least) [best, least] = [place, far];
  });
  return best;
}
