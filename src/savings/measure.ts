import type { SlimState } from '../slim/slim-configuration.ts';

/** Why an object could not be measured: stable codes. */
export type ObjectFault =
  | 'no-such-object'
  | 'not-an-image'
  | 'object-too-large'
  | 'compression-failed'
  | 'original-size-unknown'
  | 'upstream-access-denied'
  | 'upstream-failed'
  | 'overloaded'
  | 'timeout';

/** One object, counted or not. */
export type ObjectSavings =
  | {
      readonly key: string;
      readonly originalBytes: number;
      readonly compressedBytes: number;
      readonly savedBytes: number;
      /** False: nothing smaller looks the same, or compression is not on for it. */
      readonly isCompressed: boolean;
    }
  | {
      readonly key: string;
      readonly error: { readonly code: ObjectFault; readonly detail: string };
    };

export interface Savings {
  readonly objects: readonly ObjectSavings[];
  /** Of the objects that could be measured. */
  readonly total: {
    readonly objects: number;
    readonly originalBytes: number;
    readonly compressedBytes: number;
    readonly savedBytes: number;
  };
}

/** What is asked of object storage about one object. */
export interface ObjectQuestion {
  readonly key: string;
  readonly isSlimmed: boolean;
}

/** What an answer says of an object. */
export type ObjectAnswer =
  | {
      readonly bytes: number;
      /** Null: the answer does not say. */
      readonly originalBytes: number | null;
      /** Source: COS documentation, using smart compression, `X-Slimflag`; null: without it. */
      readonly flag: 'failed' | 'compressed' | 'as-it-is' | null;
    }
  | ObjectFault;

export interface Measuring {
  readonly state: SlimState;
  /** Objects under way. */
  readonly atATime: number;
  readonly ask: (question: ObjectQuestion) => Promise<ObjectAnswer>;
}

const DETAIL: Readonly<Record<ObjectFault, string>> = {
  'no-such-object': 'there is no object with this key',
  'not-an-image': 'it does not begin like a picture in jpg, png or gif',
  'object-too-large': 'it is larger than the gateway measures',
  'compression-failed': 'the upstream could not compress it: it is too large or damaged',
  'original-size-unknown': 'the upstream does not say how large it is without compression',
  'upstream-access-denied': 'the sub-account may not read it; tell the operator',
  'upstream-failed': 'the upstream failed or gave an unexpected answer; ask again later',
  overloaded: 'too many other objects were being measured; ask again later',
  timeout: 'there was no time left for it; ask for fewer objects at once',
};

/** Measure objects, some at a time, in the order they are named. */
export async function measureSavings(
  keys: readonly string[],
  measuring: Measuring,
): Promise<Savings> {
  const objects: ObjectSavings[] = [];
  const left = keys.entries();
  const measureSome = async () => {
    for (const [index, key] of left) objects[index] = await measureObject(key, measuring);
  };
  await Promise.all(Array.from({ length: measuring.atATime }, measureSome));
  return { objects, total: totalOf(objects) };
}

async function measureObject(key: string, { state, ask }: Measuring): Promise<ObjectSavings> {
  const isSlimmed = state.status === 'on' && state.modes.includes('API');
  const answer = await ask({ key, isSlimmed });
  if (typeof answer === 'string') return failed(key, answer);
  if (answer.flag === 'failed') return failed(key, 'compression-failed');
  // What Auto has not touched comes as it is stored.
  const isOriginal = !isSlimmed && answer.flag === null;
  const original = isOriginal ? answer.bytes : (answer.originalBytes ?? (await sizeOf(key, ask)));
  if (typeof original === 'string') return failed(key, original);
  return {
    key,
    originalBytes: original,
    compressedBytes: answer.bytes,
    savedBytes: original - answer.bytes,
    isCompressed: answer.flag === 'compressed' || original > answer.bytes,
  };
}

/**
 * How large an object is as it is stored, by another download where the first did not say. There is no documented way to ask for the original under
 * Auto: then the upstream's own word for it is needed.
 */
async function sizeOf(key: string, ask: Measuring['ask']): Promise<number | ObjectFault> {
  const answer = await ask({ key, isSlimmed: false });
  if (typeof answer === 'string') return answer;
  if (answer.originalBytes !== null) return answer.originalBytes;
  return answer.flag === null ? answer.bytes : 'original-size-unknown';
}

function failed(key: string, code: ObjectFault): ObjectSavings {
  return { key, error: { code, detail: DETAIL[code] } };
}

function totalOf(objects: readonly ObjectSavings[]): Savings['total'] {
  const measured = objects.flatMap((one) => ('error' in one ? [] : [one]));
  const sum = (name: 'originalBytes' | 'compressedBytes' | 'savedBytes') =>
    measured.reduce((total, one) => total + one[name], 0);
  return {
    objects: measured.length,
    originalBytes: sum('originalBytes'),
    compressedBytes: sum('compressedBytes'),
    savedBytes: sum('savedBytes'),
  };
}
