/** Passkeys: the browser makes and uses them, the API keeps their public half. */

import { json, request } from "./client";
import { asMember, keepToken, memberChanged } from "./member";
import type { OwnPasskey, PasskeyList, PasskeyOptions, Proof } from "./types";

/** Whether this browser knows passkeys, in the form in which the API speaks of them. */
export const knowsPasskeys = (): boolean =>
  typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

export async function listPasskeys(): Promise<PasskeyList> {
  return (await (await asMember("/v1/account/passkeys")).json()) as PasskeyList;
}

async function used(options: Response): Promise<OwnPasskey["passkey"]> {
  const { public_key, challenge } = (await options.json()) as PasskeyOptions;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    public_key as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  return { challenge, credential: credential.toJSON() as unknown as OwnPasskey["passkey"]["credential"] };
}

/** Asks the owner for a passkey of the account. Throws what the browser throws when its owner does not want to. */
export async function proofByPasskey(): Promise<OwnPasskey> {
  return { passkey: await used(await asMember("/v1/account/passkeys/confirmation", { method: "POST" })) };
}

/** Makes a passkey on this device. Throws what the browser throws when its owner does not want to. */
export async function addPasskey(proof: Proof): Promise<void> {
  const answer = await asMember("/v1/account/passkeys/options", json(proof));
  const { public_key, challenge } = (await answer.json()) as PasskeyOptions;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    public_key as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  await asMember("/v1/account/passkeys", json({ challenge, credential: made.toJSON() as unknown }));
}

export async function removePasskey(id: string, proof: Proof): Promise<void> {
  await asMember(`/v1/account/passkeys/${id}/removal`, json(proof));
}

export async function logInByPasskey(): Promise<void> {
  const answer = await used(await request("/v1/sign-in/passkey/options", { method: "POST" }));
  await keepToken(await request("/v1/sign-in/passkey", json(answer)));
  memberChanged();
}
