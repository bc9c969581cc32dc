/** Requests that people make all the while, and how many of them failed. */

/** What became of the requests to one address. */
export interface Visited {
  readonly requests: number;
  readonly failed: number;
  /** Seconds of the longest time without a good answer. */
  readonly away: number;
}

const PAUSE = 100;

/** Asks one address again and again. */
export class Visits {
  #requests = 0;
  #failed = 0;
  #away = 0;
  #lastGood = Date.now();
  #stopped = false;
  readonly #done: Promise<void>;

  /** @param ask whether the answer was good; a request that takes longer than 5 s is to end by itself */
  constructor(ask: () => Promise<boolean>) {
    this.#done = this.#run(ask);
  }

  async #run(ask: () => Promise<boolean>): Promise<void> {
    while (!this.#stopped) {
      const good = await ask().catch(() => false);
      const now = Date.now();
      this.#requests += 1;
      if (good) {
        this.#away = Math.max(this.#away, (now - this.#lastGood) / 1000);
        this.#lastGood = now;
      } else {
        this.#failed += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** Begins to count anew. */
  mark(): void {
    this.#requests = this.#failed = this.#away = 0;
    this.#lastGood = Date.now();
  }

  since(): Visited {
    const away = Math.max(this.#away, (Date.now() - this.#lastGood) / 1000);
    return { requests: this.#requests, failed: this.#failed, away };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }
}
