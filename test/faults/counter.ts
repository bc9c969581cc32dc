/** A kernel that counts, five times a second, and what of it arrives over its WebSocket. */
import assert from "node:assert/strict";

import type { RunningKernel } from "../e2e/kernel";

/** Beside the cells, so that the kernel is free: a busy one is slow to let a connection in. */
const CODE = `
import asyncio
async def _count():
    number = 0
    while True:
        number += 1
        print(number, flush=True)
        await asyncio.sleep(0.2)
_counting = asyncio.ensure_future(_count())
`;

/** What came in since a moment. */
export interface Counted {
  readonly numbers: number;
  readonly missing: number;
  /** It went on over another connection, of somebody who logged in again. */
  readonly moved: boolean;
  /** Seconds of the longest silence. */
  readonly gap: number;
}

export class Counter {
  #last = 0;
  #lastAt = Date.now();
  #since = { at: 0, numbers: 0, missing: 0, gap: 0, moved: false };
  #rest = "";

  private constructor(private kernel: RunningKernel) {}

  static async start(kernel: RunningKernel): Promise<Counter> {
    const counter = new Counter(kernel);
    // The first output of a kernel can get lost while its connection is opened.
    assert.equal(await kernel.run("print(6 * 7)"), "42\n");
    kernel.listen((text) => {
      counter.#take(text);
    });
    await kernel.run(CODE);
    counter.mark();
    return counter;
  }

  /** Goes on over another connection to the same kernel. What was said in between is not known to be lost or not. */
  moved(kernel: RunningKernel): void {
    this.kernel = kernel;
    this.#rest = "";
    this.#last = 0;
    this.#since.moved = true;
    kernel.listen((text) => {
      if (this.kernel === kernel) {
        this.#take(text);
      }
    });
  }

  #take(text: string): void {
    const now = Date.now();
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines.filter((one) => /^\d+$/.test(one))) {
      const number = Number(line);
      if (this.#last > 0 && number > this.#last + 1) {
        this.#since.missing += number - this.#last - 1;
      }
      this.#last = number;
      this.#since.numbers += 1;
    }
    this.#since.gap = Math.max(this.#since.gap, (now - this.#lastAt) / 1000);
    this.#lastAt = now;
  }

  /** Begins to judge anew. */
  mark(): void {
    this.#lastAt = Date.now();
    this.#since = { at: Date.now(), numbers: 0, missing: 0, gap: 0, moved: false };
  }

  /** Its last number. */
  get number(): number {
    return this.#last;
  }

  since(): Counted {
    const { numbers, missing, gap, moved } = this.#since;
    return { numbers, missing, moved, gap: Math.max(gap, (Date.now() - this.#lastAt) / 1000) };
  }
}
