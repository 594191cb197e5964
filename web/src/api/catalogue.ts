/** Titles, as a guest or as the profile that watches here. */

import { visiting } from "./member";
import type { Title, TitlePage } from "./types";

export interface TitleFilter {
  query?: string;
  genre?: string;
  cursor?: string;
}

export async function listTitles(filter: TitleFilter, signal?: AbortSignal): Promise<TitlePage> {
  const search = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  const response = await visiting(search.size ? `/v1/titles?${search}` : "/v1/titles", signal ? { signal } : {});
  return (await response.json()) as TitlePage;
}

/** A title's own page; `resume_ms` and `opinion` are the profile's. */
export async function getTitle(titleId: string, signal?: AbortSignal): Promise<Title> {
  const response = await visiting(`/v1/titles/${encodeURIComponent(titleId)}`, signal ? { signal } : {});
  return (await response.json()) as Title;
}
