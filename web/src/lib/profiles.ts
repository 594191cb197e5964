/** Who is watching: the profiles there are, and the one that was chosen in this browser. */

import { useEffect, useState } from "preact/hooks";

import { listProfiles, listTitles, type TitleFilter } from "../api/client";
import type { Profile, ProfileList, TitlePage } from "../api/types";
import { chooseProfile, currentProfile } from "../player/preferences";

export interface Viewers extends ProfileList {
  current: Profile;
}

const CHANGED = "marquee:profile";
let known: Promise<ProfileList> | null = null;

/** The list, asked for once and again when `forget` was called or it could not be had. */
export function profiles(): Promise<ProfileList> {
  known ??= listProfiles().catch((error: unknown) => {
    known = null;
    throw error;
  });
  return known;
}

export function forgetProfiles(): void {
  known = null;
  window.dispatchEvent(new Event(CHANGED));
}

/** The chosen profile if it is still there, else the first, which then is the chosen one. */
export function choose({ items }: ProfileList, wanted: string | null): Profile | null {
  return items.find((profile) => profile.profile_id === wanted) ?? items[0] ?? null;
}

export function watchAs(profile: Profile): void {
  chooseProfile(profile.profile_id);
  window.dispatchEvent(new Event(CHANGED));
}

/** The id to ask the API with. Throws ApiError when nobody is known yet and the list cannot be had. */
export async function resolveProfile(): Promise<string> {
  const found = choose(await profiles(), currentProfile());
  if (!found) throw new Error("there are no profiles");
  if (found.profile_id !== currentProfile()) chooseProfile(found.profile_id);
  return found.profile_id;
}

/** Asks for something of the profile that watches. It may have been deleted elsewhere: the next try asks who there is. */
export async function asProfile<T>(ask: (profileId: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await ask(await resolveProfile());
  } catch (error) {
    if (!signal?.aborted) forgetProfiles();
    throw error;
  }
}

/** Titles that suit the profile that watches. */
export function listTitlesFor(filter: TitleFilter, signal?: AbortSignal): Promise<TitlePage> {
  return asProfile((id) => listTitles({ ...filter, profile_id: id }, signal), signal);
}

/** All profiles and the chosen one; null until they are known. */
export function useViewers(): Viewers | null {
  const [viewers, setViewers] = useState<Viewers | null>(null);
  useEffect(() => {
    let mounted = true;
    const read = (): void => {
      profiles().then(
        (list) => {
          const current = choose(list, currentProfile());
          if (mounted && current) setViewers({ ...list, current });
        },
        () => undefined, // the page that needs them says so
      );
    };
    read();
    window.addEventListener(CHANGED, read);
    return () => {
      mounted = false;
      window.removeEventListener(CHANGED, read);
    };
  }, []);
  return viewers;
}
