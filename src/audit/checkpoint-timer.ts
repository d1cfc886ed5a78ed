/** Tells when records have been without a checkpoint for long enough; it does not keep a process. */
export class CheckpointTimer {
  readonly #seconds: number;
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(seconds: number, onDue: () => void) {
    this.#seconds = seconds;
    this.#onDue = onDue;
  }

  /** To be told after each write; it runs from the first record that no checkpoint vouches for. */
  watch(unsigned: number): void {
    if (unsigned === 0) this.stop();
    else this.#timer ??= setTimeout(() => this.#due(), this.#seconds * 1000).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #due(): void {
    this.#timer = undefined;
    this.#onDue();
  }
}
