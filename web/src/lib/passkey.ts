/** What a browser throws when the owner of a passkey does not want to, in the form of other problems. */

import { ApiError } from "../api/client";

const UNWANTED = new Set(["NotAllowedError", "AbortError", "InvalidStateError"]);

export async function byOwner<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException && UNWANTED.has(error.name)) {
      throw new ApiError(0, error.name === "InvalidStateError" ? "conflict" : "passkey-unused", error.message);
    }
    throw error;
  }
}
