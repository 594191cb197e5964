/**
 * A playback made ready before the click. Once the viewer points at *Play* or reaches it by keyboard, a session is opened
 * that takes no place among the plan's streams, and Shaka loads manifest, keys and first segments for it. The API
 * ends such a session after a minute unless it begins; here it is given back before that.
 */

import { licenceServers } from "./drm";
import { makePlayer, nameSession, type Holder } from "./engine";
import { capabilities } from "./capabilities";
import { currentProfile } from "./preferences";
import { Session } from "./session";
import { loadShaka, type Player } from "./shaka";

const LIFE_MS = 45_000;

/** Fetched and parsed ahead of the load. */
type Preload = NonNullable<Awaited<ReturnType<Player["preload"]>>>;

export interface Prepared {
  titleId: string;
  profile: string | null;
  session: Session;
  player: Player;
  holder: Holder;
  url: string; // of the manifest that is loaded
  preload: Preload | null;
  parsed: boolean; // the manifest was read: Shaka does not tell of it again
  early: [uri: string, bytes: number][]; // segments that came before the view began
}

let held: { titleId: string; ending: AbortController; made: Promise<Prepared | null> } | null = null;

/** Fetches the player and asks what the device can do. For pages from which playing is near. */
export function prefetchPlayer(): void {
  loadShaka().catch(() => undefined); // a failure shows up again when playing, and only there
  capabilities().catch(() => undefined);
}

/** Makes the playback of a title ready; another one that was is given back. */
export function prepare(titleId: string): void {
  if (held?.titleId === titleId) return;
  giveBack();
  const ending = new AbortController();
  const made = make(titleId, ending.signal).catch(() => null); // the click says what is wrong
  held = { titleId, ending, made };
  const own = held;
  setTimeout(() => held === own && giveBack(), LIFE_MS);
}

async function make(titleId: string, signal: AbortSignal): Promise<Prepared | null> {
  const profile = currentProfile();
  const [shaka, session, { lines }] = await Promise.all([
    loadShaka(),
    Session.open(titleId, signal, true),
    capabilities(),
  ]);
  const early: Prepared["early"] = [];
  const holder: Holder = { session, segment: (...each) => void early.push(each) };
  const player = makePlayer(shaka, profile, holder, lines);
  const [link] = session.grant.manifests; // the one that a playback takes first
  if (!link || signal.aborted) {
    await Promise.all([session.end(null), player.destroy()]);
    return null;
  }
  player.configure("drm.servers", licenceServers(session.grant));
  nameSession(player, session.grant, titleId);
  const preload = await player.preload(link.url, session.grant.resume_ms / 1000 || null, link.type).catch(() => null);
  preload?.waitForFinish().catch(() => undefined); // the load throws it again
  const prepared = { titleId, profile, session, player, holder, url: link.url, preload, parsed: false, early };
  preload?.addEventListener("manifestparsed", () => void (prepared.parsed = true));
  return prepared;
}

/** What was made ready for a title, which is now the caller's; null where nothing was, or for somebody else. */
export async function takePrepared(titleId: string): Promise<Prepared | null> {
  if (held?.titleId !== titleId) {
    giveBack();
    return null;
  }
  const { made } = held;
  held = null;
  const found = await made;
  if (!found || found.profile === currentProfile()) return found;
  void end(found);
  return null;
}

function giveBack(): void {
  if (!held) return;
  held.ending.abort();
  void held.made.then((found) => found && end(found));
  held = null;
}

const end = ({ session, player }: Prepared): Promise<unknown> => Promise.all([session.end(null), player.destroy()]);

if (typeof window !== "undefined") window.addEventListener("pagehide", giveBack);
