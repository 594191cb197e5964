import type { Mark } from "../api/types";
import { say } from "../lib/words";

const LEAST_LEFT_S = 1; // a button that would be gone before it can be pressed helps no one

/** The intro or credits the playhead is in, if there is something left of it to skip. */
export function activeMark(marks: readonly Mark[], seconds: number): Mark | null {
  return marks.find((mark) => seconds >= mark.start_s && seconds < mark.end_s - LEAST_LEFT_S) ?? null;
}

export const markLabel = (mark: Mark): string => say(`skip.${mark.kind}`);
