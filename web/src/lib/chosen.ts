import { currentVisit } from "./visit";

/** Reports a title that was chosen from a list, by the list's kind, to the visit that goes on. */
export const chosenFrom =
  (row: string) =>
  (titleId: string, position: number): void =>
    currentVisit()?.selected(titleId, { row, position });
