/** Words for people, in the browser's language where names of languages and countries are concerned. */

import type { Episode, TitleCard } from "../api/types";

/** "1 h 47 min", "8 min", "45 s". */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return [hours && `${hours} h`, minutes % 60 && `${minutes % 60} min`].filter(Boolean).join(" ");
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

function named(type: "language" | "region", code: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type, fallback: "code" }).of(code) ?? code;
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
  const sameYear = day.getFullYear() === now.getFullYear();
  return day.toLocaleDateString(undefined, { day: "numeric", month: "short", ...(!sameYear && { year: "numeric" }) });
}

export function channels(count: number): string {
  return { 1: "mono", 2: "stereo", 6: "5.1", 8: "7.1" }[count] ?? `${count} channels`;
}

export function rating(value: TitleCard["maturity_rating"]): string {
  return value === "all" ? "All ages" : `${value}+`;
}

export function episode({ season, number }: Episode): string {
  return `Season ${season}, episode ${number}`;
}
