/** Chapters as Shaka's UI takes them: a track of WebVTT. */

import type { Chapter } from "../api/types";
import { pageLanguage } from "../lib/words";
import type { Player } from "./shaka";

/** "01:02:03.004" */
function stamp(seconds: number): string {
  const at = new Date(Math.round(seconds * 1000));
  return `${String(Math.floor(seconds / 3600)).padStart(2, "0")}${at.toISOString().slice(13, 23)}`;
}

/** In WebVTT a line may not hold an arrow, and `<` and `&` begin something. */
const escaped = (text: string): string =>
  text.replace(/\s+/g, " ").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** `endS` is the end of the programme, in seconds. */
export function webvtt(chapters: readonly Chapter[], endS: number): string {
  const cues = chapters.map(({ start_s, name }, place) => {
    const end = chapters[place + 1]?.start_s ?? endS;
    return `${stamp(start_s)} --> ${stamp(end)}\n${escaped(name)}\n`;
  });
  return `WEBVTT\n\n${cues.join("\n")}`;
}

export async function addChapters(player: Player, chapters: readonly Chapter[]): Promise<void> {
  if (!chapters.length || player.getChaptersTracks().length) return;
  const text = webvtt(chapters, player.seekRange().end);
  await player.addChaptersTrack(`data:text/vtt,${encodeURIComponent(text)}`, pageLanguage(), "text/vtt");
}
