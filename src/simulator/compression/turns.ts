/** Something there are only a few of, such as encoder processes: who finds none free waits in line. */
export interface Turns<T> {
  /** Wait for a free one, use it, give it back. */
  take<R>(use: (free: T) => Promise<R>): Promise<R>;
  running(): number;
  waiting(): number;
}

export function createTurns<T>(items: readonly T[]): Turns<T> {
  const free = [...items];
  const line: ((item: T) => void)[] = [];

  function next(): T | Promise<T> {
    return free.pop() ?? new Promise((resolve) => line.push(resolve));
  }

  async function take<R>(use: (item: T) => Promise<R>): Promise<R> {
    const item = await next();
    try {
      return await use(item);
    } finally {
      const first = line.shift();
      if (first === undefined) free.push(item);
      else first(item);
    }
  }

  return {
    take,
    running: () => items.length - free.length,
    waiting: () => line.length,
  };
}
