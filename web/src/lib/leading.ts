/** The title that opens the home page. */

import type { HomeRows, TitleCard, TitlePage } from "../api/types";

export interface Leading {
  title: TitleCard;
  /** The row that it leads, for whom there are rows. */
  row: HomeRows["rows"][number] | null;
}

/** The best for this viewer, else the newest. */
export function leading(rows: HomeRows["rows"], first: TitlePage | null): Leading | null {
  const row = rows.find(({ kind }) => kind === "for_you") ?? rows.find(({ kind }) => kind === "new") ?? null;
  const title = row?.items[0] ?? first?.items[0];
  return title ? { title, row: row?.items.length ? row : null } : null;
}
