/**
 * The end of a call's time: one timer, begun where the call begins, that all who work on the call
 * listen to. None of them has a time of its own, so none can begin it anew.
 */
export class Deadline {
  readonly #startedAt = performance.now();
  readonly #endsAt: number;
  readonly #timer: NodeJS.Timeout;
  #acts: (() => void)[] = [];
  #hasEnded = false;

  constructor(withinMs: number) {
    this.#endsAt = this.#startedAt + withinMs;
    this.#timer = setTimeout(() => this.#end(), withinMs);
  }

  /** Since the call began. */
  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** By the clock as well: on a busy machine the timer may be late. */
  get isOver(): boolean {
    return this.#hasEnded || performance.now() >= this.#endsAt;
  }

  /**
   * Have something done at the end, or soon when that was before; never within this call.
   * @returns to be called when it need not be done any more
   */
  onEnd(act: () => void): () => void {
    if (this.#hasEnded) setImmediate(() => this.#end());
    this.#acts.push(act);
    return () => this.#forget(act);
  }

  /** Resolves after a pause, at the end at the latest. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        forget();
        resolve();
      }, ms);
      const forget = this.onEnd(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** The call has ended: nobody needs the timer any more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #forget(act: () => void): void {
    const at = this.#acts.indexOf(act);
    if (at !== -1) this.#acts.splice(at, 1);
  }

  #end(): void {
    this.#hasEnded = true;
    const acts = this.#acts;
    this.#acts = [];
    for (const act of acts) act();
  }
}
