/** Who is signed in here, as pages need to know it. */

import { useEffect, useState } from "preact/hooks";

import { CHANGED, getAccount, wasSignedIn } from "../api/member";
import type { Account } from "../api/types";

let known: Account | null | undefined; // as it was read last
let reading: Promise<Account | null> | null = null;

/** Asked for once by all parts of a page, and again when it has changed or could not be had. */
export function member(): Promise<Account | null> {
  if (reading) return reading;
  const mine = wasSignedIn() ? getAccount() : Promise.resolve(null);
  const keep = (account: Account | null): Account | null => {
    if (reading === asked) known = account;
    return account;
  };
  const asked: Promise<Account | null> = mine.then(keep, () => {
    if (reading === asked) reading = null;
    return null;
  });
  reading = asked;
  return asked;
}

if (typeof window !== "undefined") window.addEventListener(CHANGED, () => void (reading = null));

/** `undefined` until it is known, `null` for a guest. */
export function useMember(): Account | null | undefined {
  const [account, setAccount] = useState<Account | null | undefined>(wasSignedIn() ? known : null);
  useEffect(() => {
    let mounted = true;
    const read = (): void => void member().then((value) => mounted && setAccount(value));
    read();
    window.addEventListener(CHANGED, read);
    return () => {
      mounted = false;
      window.removeEventListener(CHANGED, read);
    };
  }, []);
  return account;
}
