/** Whether anybody is still watching: what they last did, and how much has begun by itself since. */

export const LONGEST_MS = 3 * 3_600_000; // longer than nearly every film
export const MOST_TITLES = 3; // one after the other, as other services have it
export const ANSWER_MS = 10 * 60_000; // for an answer; then the place among the plan's streams is given back

export class Attention {
  #actedAt = Date.now();
  #titles = 0;

  /** The viewer did something. */
  acted(): void {
    this.#actedAt = Date.now();
    this.#titles = 0;
  }

  /** A title began by itself. */
  began(): void {
    this.#titles++;
  }

  /** Whether so many titles have begun by themselves that the next one asks first. */
  get manyTitles(): boolean {
    return this.#titles >= MOST_TITLES;
  }

  get longAgo(): boolean {
    return Date.now() - this.#actedAt >= LONGEST_MS;
  }
}

/** Of this page, from title to title. */
export const attention = new Attention();
