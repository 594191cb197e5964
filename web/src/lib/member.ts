/** Who is signed in here, as pages need to know it. */

import { useEffect, useState } from "preact/hooks";

import { CHANGED, getAccount, wasSignedIn } from "../api/member";
import type { Account } from "../api/types";

/** `undefined` until it is known, `null` for a guest. */
export function useMember(): Account | null | undefined {
  const [account, setAccount] = useState<Account | null | undefined>(wasSignedIn() ? undefined : null);
  useEffect(() => {
    let mounted = true;
    const read = (): void => {
      const found = wasSignedIn() ? getAccount() : Promise.resolve(null);
      found.then(
        (value) => mounted && setAccount(value),
        () => mounted && setAccount(null),
      );
    };
    read();
    window.addEventListener(CHANGED, read);
    return () => {
      mounted = false;
      window.removeEventListener(CHANGED, read);
    };
  }, []);
  return account;
}
