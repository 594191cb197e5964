/** What to watch when a title has ended. */

import { getRows } from "../api/profiles";
import type { Row, RowItem, TitleCard } from "../api/types";
import { asProfile } from "./profiles";
import { settled } from "./settling";
import { currentVisit } from "./visit";

const SUGGESTIONS = ["for_you", "because", "trending", "new"];

/**
 * The next episode of its series, which the rows hold among what was begun; else what came after the title in the row
 * from which it was chosen; else the best of the rows. Null where there is nothing else.
 */
export function nextOf(title: TitleCard, rows: readonly Row[], following: RowItem | null): RowItem | null {
  const others = ({ items }: Row): RowItem[] => items.filter((item) => item.title_id !== title.title_id);
  const series = title.episode?.series;
  const begun = rows.filter(({ kind }) => kind === "continue").flatMap(others);
  const episode = series ? begun.find((item) => item.episode?.series === series) : undefined;
  const suggested = SUGGESTIONS.flatMap((wanted) => rows.filter(({ kind }) => kind === wanted)).flatMap(others);
  return episode ?? following ?? suggested[0] ?? null;
}

/** Asks for it once the API knows that the title was seen to its end. Throws ApiError. */
export async function findNext(title: TitleCard, signal: AbortSignal): Promise<RowItem | null> {
  await settled();
  const { rows } = await asProfile((id) => getRows(id, signal), signal);
  return nextOf(title, rows, currentVisit()?.following(title.title_id) ?? null);
}
