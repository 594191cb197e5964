/** Who is watching: the profiles of the account, and the one that this device acts for. */

import { useEffect, useState } from "preact/hooks";

import { ApiError } from "../api/client";
import { CHANGED as MEMBER_CHANGED, wasSignedIn } from "../api/member";
import { chooseProfile, listProfiles } from "../api/profiles";
import type { Profile, ProfileList } from "../api/types";
import { adoptPreferences, noteProfile } from "../player/preferences";
import { speakTo } from "./words";

export const PROFILE_CHANGED = "marquee:profile";
let known: Promise<ProfileList> | null = null;

/** The list, asked for once, and again when `forgetProfiles` was called or it could not be had. */
export function profiles(): Promise<ProfileList> {
  known ??= listProfiles().then(
    (list) => {
      noteProfile(list.current);
      speakTo(chosenOf(list));
      for (const { profile_id, preferences } of list.items) adoptPreferences(profile_id, preferences);
      return list;
    },
    (error: unknown) => {
      known = null;
      throw error;
    },
  );
  return known;
}

export function forgetProfiles(): void {
  known = null;
  window.dispatchEvent(new Event(PROFILE_CHANGED));
}

if (typeof window !== "undefined")
  window.addEventListener(MEMBER_CHANGED, () => {
    if (!wasSignedIn()) speakTo(null);
    forgetProfiles();
  });

export const chosenOf = ({ items, current }: ProfileList): Profile | null =>
  items.find((profile) => profile.profile_id === current) ?? null;

/** From now on this device watches as the profile. Throws ApiError, as for a wrong PIN. */
export async function watchAs(profile: Profile, pin: string | null = null): Promise<void> {
  await chooseProfile(profile.profile_id, pin);
  speakTo(profile);
  forgetProfiles();
}

/** Asks for something of the profile that watches. It may have been deleted elsewhere: the next try asks who there is. */
export async function asProfile<T>(ask: (profileId: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    const { current } = await profiles();
    if (!current) throw new ApiError(403, "no-profile", "Nobody has been chosen.");
    return await ask(current);
  } catch (error) {
    if (!signal?.aborted && error instanceof ApiError && [403, 404].includes(error.status)) forgetProfiles();
    throw error;
  }
}

/** All profiles of who is signed in; null until they are known, and for a guest. */
export function useProfiles(): ProfileList | null {
  const [list, setList] = useState<ProfileList | null>(null);
  useEffect(() => {
    let mounted = true;
    const read = (): void => {
      if (!wasSignedIn()) return setList(null);
      profiles().then(
        (found) => mounted && setList(found),
        () => mounted && setList(null), // the page that needs them says so
      );
    };
    read();
    window.addEventListener(PROFILE_CHANGED, read);
    return () => {
      mounted = false;
      window.removeEventListener(PROFILE_CHANGED, read);
    };
  }, []);
  return list;
}
