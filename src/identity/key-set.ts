import type { JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import { parseStrictJson } from '../strict-json.ts';
import { ALGORITHM_KINDS } from './algorithm-kinds.ts';
import type { TokenAlgorithm } from './issuer-settings.ts';
import { KeySourceError } from './key-source-error.ts';
import { PRINTABLE } from './tenant.ts';
import { makeKey, type VerificationKey } from './verification-key.ts';

/** An issuer has two or three; so many are read by nobody in his right mind. */
const MAX_KEYS = 64;

/** A key set as it was read: what can be used, and why the rest is not. */
export interface ParsedKeySet {
  readonly keys: readonly VerificationKey[];
  readonly ignored: readonly string[];
}

const keySetShape = z.looseObject({ keys: z.array(z.looseObject({})).max(MAX_KEYS) });

/**
 * Parse a JWK Set. A key that is not fit is ignored, with its reason; a document that is no key set
 * is refused whole. A secret is never taken from it, and no key without its one algorithm.
 * Source: RFC 7517, section 5 (keys that are not understood are ignored).
 * @param algorithms those that the issuer may use
 * @throws KeySourceError
 */
export function parseKeySet(
  bytes: Uint8Array,
  algorithms: readonly TokenAlgorithm[],
): ParsedKeySet {
  const parsed = keySetShape.safeParse(parseJson(bytes));
  if (!parsed.success) throw new KeySourceError(`it is not a set of at most ${MAX_KEYS} keys`);
  const keys: VerificationKey[] = [];
  const ignored: string[] = [];
  const isRepeated = repeatedIn(parsed.data.keys.map(({ kid }) => kid));
  for (const [index, jwk] of parsed.data.keys.entries()) {
    const key = isRepeated(jwk.kid) ? 'its `kid` stands twice' : keyOf(jwk, algorithms);
    if (typeof key === 'string') ignored.push(`key ${index} (${nameOf(jwk.kid)}): ${key}`);
    else keys.push(key);
  }
  return { keys, ignored };
}

/** Strict JSON, as a KeySourceError when it is not. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch {
    throw new KeySourceError('it is not strict JSON');
  }
}

function repeatedIn(kids: readonly unknown[]): (kid: unknown) => boolean {
  return (kid) => kid !== undefined && kids.indexOf(kid) !== kids.lastIndexOf(kid);
}

function keyOf(jwk: JsonWebKey, allowed: readonly TokenAlgorithm[]): VerificationKey | string {
  const { kid } = jwk;
  if (kid !== undefined && !isPrintable(kid)) return 'its `kid` is not 1 to 256 ASCII characters';
  const bound = algorithmOf(jwk, allowed);
  if (typeof bound !== 'object') return bound;
  const { algorithm } = bound;
  const key = makeKey({ kid: kid ?? null, algorithm, material: { kind: 'jwk', jwk } });
  return typeof key === 'string' ? key : { kid: kid ?? null, algorithm, key };
}

/** The one algorithm of a key, or why there is none. */
function algorithmOf(
  { alg, kty, crv }: JsonWebKey,
  allowed: readonly TokenAlgorithm[],
): { algorithm: TokenAlgorithm } | string {
  const named = allowed.filter((algorithm) => alg === undefined || algorithm === alg);
  if (named.length === 0) return 'its `alg` is not accepted of this issuer';
  const [algorithm, ...others] = named.filter((name) => {
    const { keyType, curve } = ALGORITHM_KINDS[name];
    // INVARIANT: what is published is no secret.
    return keyType !== 'oct' && keyType === kty && (curve === null || curve === crv);
  });
  if (algorithm === undefined) return 'its `kty` and `crv` fit no algorithm of this issuer';
  return others.length === 0 ? { algorithm } : 'it has no `alg`, and several would fit';
}

function isPrintable(value: unknown): value is string {
  return typeof value === 'string' && PRINTABLE.test(value);
}

function nameOf(kid: unknown): string {
  if (kid === undefined) return 'without `kid`';
  return isPrintable(kid) ? `\`${kid}\`` : 'with an odd `kid`';
}
