import { z } from 'zod';
import { isBucketName } from '../bucket-address.ts';
import type { Effect } from './effect.ts';
import { KINDS } from './kinds.ts';

/** One misbehaviour on command: what, to whom, and until when; its parameters stand beside. */
export interface Misbehaviour {
  readonly kind: string;
  /** Left out: every bucket, and what belongs to none. */
  readonly bucket?: string | undefined;
  /** Left out: every operation, and what is none. */
  readonly operation?: string | undefined;
  /** How many answers it is good for. */
  readonly times?: number | undefined;
  /** Since it was ordered. */
  readonly forMs?: number | undefined;
  readonly [parameter: string]: unknown;
}

/** What can be asked for, as the witness calls it. */
const OPERATIONS = [
  ...['PutImageSlim', 'GetImageSlim', 'DeleteImageSlim', 'DescribeCIBucket'],
  ...['GetObject', 'HeadObject', 'PutObject', 'DeleteObject', 'ProcessObject'],
  ...['GetBucket', 'HeadBucket', 'AssumeRole', 'GetFederationToken', 'GetCallerIdentity'],
] as const;

const MATCH = {
  bucket: z.string().refine(isBucketName, 'must be `<BucketName-APPID>`').optional(),
  operation: z.enum(OPERATIONS, { error: `must be one of ${OPERATIONS.join(', ')}` }).optional(),
  times: z.int().min(1).max(1_000_000).optional(),
  forMs: z.int().min(1).max(86_400_000).optional(),
};

const NAMES = [...KINDS.keys()];
const UNKNOWN_KIND = { error: `must be one of ${NAMES.join(', ')}` };

/** Its kind first: then the kind's own parameters and nothing else. */
const anyKindSchema = z.looseObject({ kind: z.enum(NAMES, UNKNOWN_KIND) });

/** Made once: a schema a kind. */
const SCHEMAS = schemasWith(MATCH);
const ORDER_SCHEMAS = schemasWith({});

/** A misbehaviour as it stands in YAML or JSON; defaults are filled in. */
export const misbehaviourSchema = checkedBy(SCHEMAS);

/** The same without an address: for one request alone. */
export const orderSchema = checkedBy(ORDER_SCHEMAS);

/** What a misbehaviour does; the schema has seen it. */
export function effectOf(misbehaviour: Misbehaviour): Effect {
  const { kind, bucket, operation, times, forMs, ...parameters } = misbehaviour;
  return KINDS.get(kind)?.effectOf(parameters) ?? {};
}

function schemasWith(match: z.ZodRawShape): ReadonlyMap<string, z.ZodType<Misbehaviour>> {
  return new Map(
    [...KINDS].map(([name, { parameters }]) => {
      const schema = z.strictObject({ kind: z.literal(name), ...match, ...parameters });
      // It holds: `kind` is a text, and `match` is MATCH or nothing.
      return [name, schema as unknown as z.ZodType<Misbehaviour>];
    }),
  );
}

function checkedBy(schemas: ReadonlyMap<string, z.ZodType<Misbehaviour>>) {
  return anyKindSchema.transform((given, context): Misbehaviour => {
    const parsed = schemas.get(given.kind)?.safeParse(given);
    if (parsed?.success) return parsed.data;
    for (const { path, message } of parsed?.error.issues ?? []) {
      context.addIssue({ code: 'custom', path, message });
    }
    return z.NEVER;
  });
}
