/** Titles and what they are found by, as a guest or as the profile that watches here. */

import type { ListName, Search } from "../lib/router";
import { visiting } from "./member";
import type {
  CollectionList,
  CollectionPage,
  Person,
  SearchPage,
  Series,
  SuggestionList,
  Title,
  TitleList,
  TitlePage,
  ValueList,
} from "./types";

export interface TitleFilter {
  genre?: string;
  language?: string;
  cursor?: string;
}

async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await visiting(path, signal ? { signal } : {})).json()) as T;
}

const LONGEST_LIST = 100;
const segment = encodeURIComponent;

function query(values: object): string {
  const given = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  return given.size ? `?${given}` : "";
}

export const listTitles = (filter: TitleFilter, signal?: AbortSignal): Promise<TitlePage> =>
  read(`/v1/titles${query(filter)}`, signal);

export const searchTitles = (search: Search, signal?: AbortSignal, cursor = ""): Promise<SearchPage> =>
  read(`/v1/search${query({ query: search.query, ...search.narrowed, cursor })}`, signal);

export const suggest = (text: string, signal?: AbortSignal): Promise<SuggestionList> =>
  read(`/v1/search/suggestions${query({ query: text })}`, signal);

/** A title's own page; `resume_ms` and `opinion` are the profile's. */
export const getTitle = (titleId: string, signal?: AbortSignal): Promise<Title> =>
  read(`/v1/titles/${segment(titleId)}`, signal);

export const similarTo = (titleId: string, signal?: AbortSignal): Promise<TitleList> =>
  read(`/v1/titles/${segment(titleId)}/similar`, signal);

/** The whole of a list. */
export const getList = (list: ListName, signal?: AbortSignal): Promise<TitleList> =>
  read(`/v1/lists/${list}${query({ limit: LONGEST_LIST })}`, signal);

export const getPerson = (personId: string, signal?: AbortSignal): Promise<Person> =>
  read(`/v1/people/${segment(personId)}`, signal);

export const getSeries = (slug: string, signal?: AbortSignal): Promise<Series> =>
  read(`/v1/series/${segment(slug)}`, signal);

export const listGenres = (signal?: AbortSignal): Promise<ValueList> => read("/v1/genres", signal);
export const listLanguages = (signal?: AbortSignal): Promise<ValueList> => read("/v1/languages", signal);
export const listCollections = (signal?: AbortSignal): Promise<CollectionList> => read("/v1/collections", signal);

export const getCollection = (slug: string, signal?: AbortSignal): Promise<CollectionPage> =>
  read(`/v1/collections/${segment(slug)}`, signal);
