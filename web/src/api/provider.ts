/** The operator's sign-in provider. */

import { request } from "./client";
import { wasGiven } from "./member";

export async function providerName(): Promise<string | null> {
  const answer = await request("/v1/sign-in/provider");
  return ((await answer.json()) as { name: string | null }).name;
}

/** Leaves for the provider; the browser comes back signed in. */
export function toProvider(): void {
  wasGiven();
  location.assign("/v1/sign-in/provider/begin?return_to=/");
}
