import type { Misbehaviour } from './misbehaviour.ts';

/** What a request asks for, before anything of it is believed. */
export interface Asked {
  readonly bucket: string | null;
  readonly region: string | null;
  readonly operation: string | null;
}

/** A misbehaviour and what is left of it. */
export type ListedMisbehaviour = Misbehaviour & {
  readonly timesLeft?: number;
  readonly endsAt?: string;
};

/** The misbehaviours that are on order. */
export interface Misbehaviours {
  /** Those that are not over. */
  list(): readonly ListedMisbehaviour[];
  /** Take these in place of all there are; their time begins. */
  replace(ordered: readonly Misbehaviour[]): void;
  /** The first that fits, which is used up by one; null when none does. */
  take(asked: Asked): Misbehaviour | null;
}

/** One on order, while it lasts. */
interface Standing {
  readonly misbehaviour: Misbehaviour;
  readonly endsAt: Date | null;
  timesLeft: number;
}

/** A list of misbehaviours in the order in which they are tried; kept in memory alone. */
export function createMisbehaviours(
  ordered: readonly Misbehaviour[],
  now: () => Date,
): Misbehaviours {
  let standing = ordered.map((misbehaviour) => begin(misbehaviour, now()));
  const lasting = () => {
    const at = now();
    standing = standing.filter(
      ({ endsAt, timesLeft }) => timesLeft > 0 && (endsAt === null || at < endsAt),
    );
    return standing;
  };
  return {
    list: () => lasting().map(listed),
    replace(next) {
      standing = next.map((misbehaviour) => begin(misbehaviour, now()));
    },
    take(asked) {
      const found = lasting().find(({ misbehaviour }) => fits(misbehaviour, asked));
      if (found === undefined) return null;
      found.timesLeft -= 1;
      return found.misbehaviour;
    },
  };
}

function begin(misbehaviour: Misbehaviour, now: Date): Standing {
  const { times = Number.POSITIVE_INFINITY, forMs } = misbehaviour;
  const endsAt = forMs === undefined ? null : new Date(now.getTime() + forMs);
  return { misbehaviour, endsAt, timesLeft: times };
}

function fits({ bucket, operation }: Misbehaviour, asked: Asked): boolean {
  return (
    (bucket === undefined || bucket === asked.bucket) &&
    (operation === undefined || operation === asked.operation)
  );
}

function listed({ misbehaviour, endsAt, timesLeft }: Standing): ListedMisbehaviour {
  return {
    ...misbehaviour,
    ...(Number.isFinite(timesLeft) ? { timesLeft } : {}),
    ...(endsAt === null ? {} : { endsAt: endsAt.toISOString() }),
  };
}
