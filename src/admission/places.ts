/** Places for the requests of each key, so that one cannot take all of them. */
export interface Places {
  /**
   * Take one of so many places; null when none is left. The returned function gives it back.
   * @param limit at least 1
   */
  enter(key: string, limit: number): (() => void) | null;
  readonly size: number;
}

export function createPlaces(): Places {
  const taken = new Map<string, number>();
  return {
    enter(key, limit) {
      const count = taken.get(key) ?? 0;
      if (count >= limit) return null;
      taken.set(key, count + 1);
      return () => {
        const left = (taken.get(key) ?? 1) - 1;
        // A key at rest takes no memory.
        if (left === 0) taken.delete(key);
        else taken.set(key, left);
      };
    },
    get size() {
      return taken.size;
    },
  };
}
