/** A form that a button opens, whose sender shows to be the account's owner: by password, or by a passkey. */

import { type ComponentChildren, createContext } from "preact";
import { useContext, useState } from "preact/hooks";

import { knowsPasskeys, proofByPasskey } from "../api/passkeys";
import type { Account, Proof } from "../api/types";
import { byOwner } from "../lib/passkey";
import { say, type Word } from "../lib/words";
import { Field, Form } from "./form";

/** What the account can be proven by. */
export const Means = createContext<Pick<Account, "password" | "passkeys">>({ password: true, passkeys: 0 });

const BY_PASSKEY = "by-passkey"; // the name of the button that was pressed, among what was typed

/** `send` gives the words that are shown once it is done. */
export function Proven({
  button,
  send,
  children,
}: {
  button: Word;
  send: (proof: Proof, typed: Record<string, string>) => Promise<Word | null>;
  children?: ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState<Word | null>(null);
  const means = useContext(Means);
  const passkey = knowsPasskeys() && means.passkeys > 0;
  const password = means.password || !passkey;
  if (!open)
    return (
      <>
        {done && <p role="status">{say(done)}</p>}
        <button type="button" class="button ghost small" onClick={() => setOpen(true)}>
          {say(button)}
        </button>
      </>
    );
  return (
    <Form
      button={password ? button : "proof.passkey"}
      send={async ({ current = "", [BY_PASSKEY]: pressed, ...typed }) => {
        const byPasskey = pressed !== undefined || !password;
        const proof = byPasskey ? await byOwner(proofByPasskey) : { password: current };
        setDone(await send(proof, typed));
        setOpen(false);
      }}
      footer={
        <>
          {password && passkey && (
            <button type="submit" class="button ghost" name={BY_PASSKEY} formNoValidate>
              {say("proof.passkey")}
            </button>
          )}
          <button type="button" class="button ghost" onClick={() => setOpen(false)}>
            {say("cancel")}
          </button>
        </>
      }
    >
      {children}
      {password && <Field label="password.current" name="current" type="password" autocomplete="current-password" />}
    </Form>
  );
}
