/**
 * What the home page shows first, asked for while most of the app is still on its way: its answers, and the picture that
 * opens it. Each answer is taken once, soon, and by whom it was asked for.
 */

import { listTitles } from "../api/catalogue";
import { CHANGED as MEMBER_CHANGED, wasSignedIn } from "../api/member";
import { getRows } from "../api/profiles";
import type { HomeRows, TitlePage } from "../api/types";
import { currentProfile } from "../player/preferences";
import { sources } from "./artwork";
import { leading } from "./leading";
import { member } from "./member";
import { PROFILE_CHANGED, profiles } from "./profiles";
import { wantedLanguages } from "./words";

const SOON_MS = 15_000;

interface Asked {
  titles?: Promise<TitlePage>;
  rows?: Promise<HomeRows>;
}

let asked: Promise<Asked | null> = Promise.resolve(null);
let at = 0;

const forgetAhead = (): void => void (asked = Promise.resolve(null));

/** Asks, where the page is the home page. */
export function askAhead(): void {
  if (location.pathname !== "/") return;
  at = Date.now();
  asked = wasSignedIn() ? askAsMember() : askAsGuest();
  asked.catch(forgetAhead); // the page asks again, and says what is wrong
  window.addEventListener(MEMBER_CHANGED, forgetAhead);
  window.addEventListener(PROFILE_CHANGED, forgetAhead);
}

async function askAsGuest(): Promise<Asked> {
  const titles = listTitles({});
  showAhead(titles.then((first) => leading([], first)));
  return { titles };
}

/** For who watched here last, in the languages of then; anew where it turns out to be somebody else, or in others. */
async function askAsMember(): Promise<Asked | null> {
  void member();
  const [last, languages] = [currentProfile(), String(wantedLanguages())];
  const early = last ? askRows(last) : null;
  const { current } = await profiles();
  if (!current) return null;
  const same = current === last && String(wantedLanguages()) === languages;
  const titles = listTitles({});
  titles.catch(() => undefined); // whoever takes it hears of it
  return { rows: early && same ? early : askRows(current), titles };
}

function askRows(profileId: string): Promise<HomeRows> {
  const rows = getRows(profileId);
  rows.catch(() => undefined);
  showAhead(rows.then((found) => leading(found.rows, null)));
  return rows;
}

/** Has the picture fetched that will stand first. */
function showAhead(found: Promise<ReturnType<typeof leading>>): void {
  found.then(
    (lead) => {
      const url = lead?.title.backdrop_url;
      if (!lead || !url) return;
      const picture = new Image();
      picture.fetchPriority = "high";
      picture.sizes = "100vw";
      picture.srcset = sources(url, "backdrop", lead.title.backdrop_widths) ?? "";
      picture.src = url;
    },
    () => undefined,
  );
}

/** The answer that was asked for ahead; undefined where there is none any more, or none came. */
async function taken<K extends keyof Asked>(name: K): Promise<Awaited<Asked[K]>> {
  const found = Date.now() - at < SOON_MS ? await asked.catch(() => null) : null;
  const answer = found?.[name];
  delete found?.[name];
  return (await answer?.catch(() => undefined)) as Awaited<Asked[K]>;
}

export const titlesAhead = (): Promise<TitlePage | undefined> => taken("titles");
export const rowsAhead = (): Promise<HomeRows | undefined> => taken("rows");
