/** What the viewer should know of the network: it is away, or slow. */

import type { Player } from "./shaka";

export type Notice = "offline" | "slow";

const SLOW_MS = 6_000; // of waiting for a picture; most viewers have begun to wonder by then

export class Connection {
  readonly #tell: (notice: Notice | null) => void;
  readonly #signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #slow = false;

  /** `tell` is called with every change, until the signal ends. */
  constructor(tell: (notice: Notice | null) => void, signal: AbortSignal) {
    this.#tell = tell;
    this.#signal = signal;
    for (const name of ["online", "offline"]) window.addEventListener(name, () => this.#update(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
    this.#update();
  }

  /** Whether it is worth asking for anything. Browsers know of a network that is gone, not of one that leads nowhere. */
  get gone(): boolean {
    return !navigator.onLine;
  }

  watch(player: Player): void {
    player.addEventListener("buffering", (event) => {
      this.waits((event as Event & { buffering: boolean }).buffering);
    });
  }

  /** The viewer waits for a picture, or no longer does. */
  waits(waiting: boolean): void {
    clearTimeout(this.#timer);
    if (waiting && !this.#signal.aborted) this.#timer = setTimeout(() => this.#note(true), SLOW_MS);
    else this.#note(false);
  }

  /** Calls back once when the network is there again. */
  whenBack(then: () => void): void {
    if (!this.gone) return then();
    window.addEventListener("online", then, { once: true, signal: this.#signal });
  }

  #note(slow: boolean): void {
    if (this.#slow === slow) return;
    this.#slow = slow;
    this.#update();
  }

  #update(): void {
    this.#tell(this.gone ? "offline" : this.#slow ? "slow" : null);
  }
}
