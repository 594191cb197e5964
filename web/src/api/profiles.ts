/** Profiles of the account: who may watch, and what belongs to each. */

import { json, patch, put } from "./client";
import { asMember, keepToken } from "./member";
import type {
  History,
  HomeRows,
  NewProfile,
  Opinion,
  OpinionChange,
  Preferences,
  Profile,
  ProfileChange,
  ProfileList,
} from "./types";

const path = (profileId: string, rest = ""): string => `/v1/profiles/${encodeURIComponent(profileId)}${rest}`;

async function read<T>(address: string, init: RequestInit = {}): Promise<T> {
  return (await (await asMember(address, init)).json()) as T;
}

export const listProfiles = (): Promise<ProfileList> => read("/v1/profiles");
export const createProfile = (wanted: Partial<NewProfile> & { name: string }): Promise<Profile> =>
  read("/v1/profiles", json(wanted));
export const changeProfile = (profileId: string, wanted: Partial<ProfileChange>): Promise<Profile> =>
  read(path(profileId), patch(wanted));

export async function deleteProfile(profileId: string): Promise<void> {
  await asMember(path(profileId), { method: "DELETE" });
}

/** From now on this device acts for the profile. */
export async function chooseProfile(profileId: string, pin: string | null): Promise<void> {
  await keepToken(await asMember(path(profileId, "/choice"), json(pin ? { pin } : {})));
}

export const putPreferences = (profileId: string, wanted: Preferences): Promise<Preferences> =>
  read(path(profileId, "/preferences"), put(wanted));

export const getRows = (profileId: string, signal?: AbortSignal): Promise<HomeRows> =>
  read(path(profileId, "/rows"), signal ? { signal } : {});

export const changeOpinion = (profileId: string, titleId: string, wanted: Partial<OpinionChange>): Promise<Opinion> =>
  read(path(profileId, `/opinions/${encodeURIComponent(titleId)}`), patch(wanted));

export const listHistory = (profileId: string): Promise<History> => read(path(profileId, "/history"));

/** Forgets one title, or all. */
export async function forgetHistory(profileId: string, titleId: string | null): Promise<void> {
  await asMember(path(profileId, `/history${titleId ? `/${encodeURIComponent(titleId)}` : ""}`), { method: "DELETE" });
}
