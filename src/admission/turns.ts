import { GatewayError } from '../errors.ts';

export interface TurnSettings {
  /** How many may have their turn at the same time, at least 1. */
  readonly places: number;
  /** How many may wait; who comes after them is refused. */
  readonly waiting: number;
  /** How long each may wait. */
  readonly waitMs: number;
  /** What waits, as it is told to a caller that is refused, like `changes of this bucket`. */
  readonly what: string;
}

/** One's place in a line. */
export interface Place {
  /** Resolves when the turn has come; null when there is nothing to wait for. */
  readonly turn: Promise<void> | null;
  /** Stop waiting; nothing happens when the turn has come already. */
  giveUp(): void;
  /** Give the turn to the next; from the second call on nothing happens. */
  leave(): void;
}

/** Turns in order of arrival, in a line for each key. */
export interface Turns {
  /**
   * Go to the end of a key's line.
   * @throws GatewayError `overloaded` when the line is full; `turn` rejects with the same when the
   * wait is too long, or was given up
   */
  enter(key: string): Place;
}

/** A key without a line takes no memory. */
export function createTurns(settings: TurnSettings): Turns {
  const lines = new Map<string, Line>();
  return {
    enter(key) {
      let line = lines.get(key);
      if (line === undefined) {
        line = new Line(settings, () => lines.delete(key));
        lines.set(key, line);
      }
      return line.enter();
    },
  };
}

const NOTHING = () => {};

interface Waiting {
  begin(): void;
}

class Line {
  readonly #settings: TurnSettings;
  readonly #onEmpty: () => void;
  /** In order of arrival, as a set keeps it. */
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  constructor(settings: TurnSettings, onEmpty: () => void) {
    this.#settings = settings;
    this.#onEmpty = onEmpty;
  }

  enter(): Place {
    const { places, waiting, what } = this.#settings;
    if (this.#taken < places) {
      this.#taken += 1;
      return { turn: null, giveUp: NOTHING, leave: once(() => this.#next()) };
    }
    if (this.#waiting.size >= waiting) throw this.#refusal(`too many ${what} wait already`);
    return this.#wait();
  }

  #wait(): Place {
    const { waitMs, what } = this.#settings;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = {
      begin() {
        clearTimeout(timer);
        resolve();
      },
    };
    const refuse = (why: string) => {
      clearTimeout(timer);
      if (this.#waiting.delete(waiting)) reject(this.#refusal(why));
    };
    const timer = setTimeout(refuse, waitMs, `the ${what} before this one take too long`);
    this.#waiting.add(waiting);
    // A turn that nobody listens for any more must not end the process.
    promise.catch(() => {});
    return {
      turn: promise,
      giveUp: () => refuse('the caller did not wait'),
      leave: once(() => this.#next()),
    };
  }

  /** The place of one who leaves goes to who has waited longest. */
  #next(): void {
    const [longest] = this.#waiting;
    if (longest !== undefined) {
      this.#waiting.delete(longest);
      longest.begin();
      return;
    }
    this.#taken -= 1;
    if (this.#taken === 0) this.#onEmpty();
  }

  #refusal(why: string): GatewayError {
    const seconds = Math.ceil(this.#settings.waitMs / 1000);
    return new GatewayError('overloaded', `${why}; nothing was sent; repeat this request later`, {
      headers: { 'retry-after': String(seconds) },
    });
  }
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
