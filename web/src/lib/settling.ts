/** What is still being told to the API and changes what it answers next, such as the place where a viewer stopped. */

const LONGEST_WAIT_MS = 2_000;
let last: Promise<unknown> = Promise.resolve();

export function settling(work: Promise<unknown>): void {
  last = Promise.allSettled([last, work]);
}

/** Resolves when it has been told, or when waiting longer would be worse than an older answer. */
export async function settled(): Promise<void> {
  await Promise.race([last, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))]);
}
