/** What titles are described by, as people say it in the language of the page. */

import type { Episode, Row, TitleCard } from "../api/types";
import { pageLocale, say, sayKnown, sayList } from "./words";

function unit(value: number, name: "hour" | "minute" | "second"): string {
  return value.toLocaleString(pageLocale(), { style: "unit", unit: name, unitDisplay: "short" });
}

/** "1 hr 47 min", "8 min", "45 sec". */
export function duration(seconds: number): string {
  if (seconds < 60) return unit(Math.max(1, Math.round(seconds)), "second");
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return [hours && unit(hours, "hour"), minutes % 60 && unit(minutes % 60, "minute")].filter(Boolean).join(" ");
}

/** "€12.99", "¥890"; the amount is in the currency's smallest unit. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(pageLocale(), { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const two = (n: number): string => String(n).padStart(2, "0");

/** "1:02:09", "4:05". */
export function clock(ms: number): string {
  const total = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A slug as a person would write it: "science-fiction" becomes "Science fiction". */
export function words(slug: string): string {
  const text = slug.replace(/[-_]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const genre = (slug: string): string => sayKnown(`genre.${slug}`) ?? words(slug);
export const role = (slug: string): string => sayKnown(`role.${slug}`) ?? words(slug);
export const track = (slug: string): string => sayKnown(`track.${slug}`) ?? words(slug);

function named(type: "language" | "region", code: string): string {
  try {
    return new Intl.DisplayNames(pageLocale(), { type, fallback: "code" }).of(code) ?? code;
  } catch {
    return code; // not a well-formed tag
  }
}

export const language = (code: string): string => {
  const name = named("language", code);
  return name.charAt(0).toUpperCase() + name.slice(1);
};
export const country = (code: string): string => named("region", code);

/** "3 December", with the year where it is another one. */
export function dayOf(ms: number, now = new Date()): string {
  const day = new Date(ms);
  const year = day.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return day.toLocaleDateString(pageLocale(), { day: "numeric", month: "short", ...year });
}

/** The value of a facet of a search. */
export function facetValue(facet: "genre" | "kind" | "language" | "decade", value: string): string {
  if (facet === "genre") return genre(value);
  if (facet === "language") return language(value);
  return facet === "decade" ? say("decade", { year: value }) : (sayKnown(`of-kind.${value}`) ?? words(value));
}

export function channels(count: number): string {
  if (count === 1) return say("channels.mono");
  if (count === 2) return say("channels.stereo");
  return { 6: "5.1", 8: "7.1" }[count] ?? say("channels.many", { count });
}

export function rating(value: TitleCard["maturity_rating"]): string {
  return value === "all" ? say("rating.all") : say("rating.from", { age: value });
}

export function episode({ season, number }: Episode): string {
  return say("episode", { season, number });
}

/** Heading and reason of a row; the API's own, in English, where a newer one knows more reasons. */
export function rowWords({ reason_code, names, title, reason }: Row): { title: string; reason: string } {
  const values = { name: names[0] ?? "", names: sayList(names) };
  return {
    title: sayKnown(`row.${reason_code}`, values) ?? title,
    reason: sayKnown(`row.${reason_code}.why`, values) ?? reason,
  };
}
