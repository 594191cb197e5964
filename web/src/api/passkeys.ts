/** Passkeys: the browser makes and uses them, the API keeps their public half. */

import { json, request } from "./client";
import { asMember, keepToken, memberChanged } from "./member";
import type { PasskeyList, PasskeyOptions } from "./types";

/** Whether this browser knows passkeys, in the form in which the API speaks of them. */
export const knowsPasskeys = (): boolean =>
  typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

export async function listPasskeys(): Promise<PasskeyList> {
  return (await (await asMember("/v1/account/passkeys")).json()) as PasskeyList;
}

/** Makes a passkey on this device. Throws what the browser throws when its owner does not want to. */
export async function addPasskey(password: string): Promise<void> {
  const answer = await asMember("/v1/account/passkeys/options", json({ password }));
  const { public_key, challenge } = (await answer.json()) as PasskeyOptions;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    public_key as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  await asMember("/v1/account/passkeys", json({ challenge, credential: made.toJSON() as unknown }));
}

export async function removePasskey(id: string, password: string): Promise<void> {
  await asMember(`/v1/account/passkeys/${id}/removal`, json({ password }));
}

export async function logInByPasskey(): Promise<void> {
  const answer = await request("/v1/sign-in/passkey/options", { method: "POST" });
  const { public_key, challenge } = (await answer.json()) as PasskeyOptions;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    public_key as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  const used = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  await keepToken(await request("/v1/sign-in/passkey", json({ challenge, credential: used.toJSON() as unknown })));
  memberChanged();
}
