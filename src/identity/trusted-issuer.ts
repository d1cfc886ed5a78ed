import { ConfigurationError } from '../errors.ts';
import type { CompactToken } from './compact-token.ts';
import { configuredKeys, type IssuerKeys } from './issuer-keys.ts';
import { problemsOfIssuer, repeatsOf } from './issuer-problems.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import { PublishedKeys } from './published-keys.ts';
import { PRINTABLE } from './tenant.ts';
import { tokenRefusal } from './token-refusal.ts';
import { makeKey, type VerificationKey } from './verification-key.ts';

/** An issuer whose settings hold, with its keys in memory. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audiences: [string, ...string[]];
  readonly tenantClaim: string;
  /** Null: the claim's value is the tenant's name. */
  readonly tenantsBySubject: ReadonlyMap<string, string> | null;
  /** Null: any. */
  readonly tenants: ReadonlySet<string> | null;
  readonly groupsClaim: string | null;
  readonly toleranceSeconds: number;
  /** Null: as old as `exp` lets it be. */
  readonly maxAgeSeconds: number | null;
  readonly keys: IssuerKeys;
}

/**
 * Make the issuers that the settings describe, by their `iss`.
 * @param toleranceSeconds for issuers that do not say it themselves
 * @throws ConfigurationError with every problem of every issuer
 */
export function trustIssuers(
  settings: readonly IssuerSettings[],
  toleranceSeconds: number,
): ReadonlyMap<unknown, TrustedIssuer> {
  const names = settings.map(({ issuer }) => issuer);
  const problems = repeatsOf(names).map((issuer) => `issuer \`${issuer}\` stands twice`);
  if (names.length === 0) problems.push('there is no issuer');
  const made = settings.map((setting) => {
    const whole = { ...setting, toleranceSeconds: setting.toleranceSeconds ?? toleranceSeconds };
    problems.push(...problemsOfIssuer(whole));
    return { whole, keys: makeKeys(setting, problems) };
  });
  if (hasSharedSecret(made.flatMap(({ keys }) => keys))) {
    problems.push('two keys are the same secret');
  }
  if (problems.length > 0) throw new ConfigurationError('the issuers cannot be used', problems);
  return new Map(made.map(({ whole, keys }) => [whole.issuer, trust(whole, keys)]));
}

/**
 * The key that a token is verified with; or, for one whose key is not known, a decoy: a key of its
 * kind, so that refusing it takes the work that refusing a bad signature takes.
 */
export type ChosenKey =
  | { readonly isKnown: true; readonly key: VerificationKey }
  | { readonly isKnown: false; readonly decoy: VerificationKey | undefined };

/**
 * The one key that may verify a token: by `kid`, never by trying.
 * @throws GatewayError `token-algorithm`
 */
export function chooseKey(
  keys: readonly VerificationKey[],
  { algorithm, kid }: CompactToken,
): ChosenKey {
  const [first, ...others] = keys.filter((key) => key.algorithm === algorithm);
  if (kid === undefined) {
    if (first === undefined) throw tokenRefusal('token-algorithm');
    return others.length > 0 ? { isKnown: false, decoy: first } : { isKnown: true, key: first };
  }
  const named = findKey(keys, kid);
  if (named === undefined) return { isKnown: false, decoy: first };
  if (named.algorithm !== algorithm) throw tokenRefusal('token-algorithm');
  return { isKnown: true, key: named };
}

/** Whether a newer key set could have the key that a token names. */
export function isKeyMissing(keys: readonly VerificationKey[], { kid }: CompactToken): boolean {
  return typeof kid === 'string' && PRINTABLE.test(kid) && findKey(keys, kid) === undefined;
}

function findKey(keys: readonly VerificationKey[], kid: unknown): VerificationKey | undefined {
  return typeof kid === 'string' ? keys.find((key) => key.kid === kid) : undefined;
}

function trust(settings: IssuerSettings, keys: readonly VerificationKey[]): TrustedIssuer {
  const { issuer, tenantClaim, tenantsBySubject, tenants, keySet } = settings;
  const [audience = '', ...others] = settings.audiences;
  return {
    issuer,
    audiences: [audience, ...others],
    tenantClaim,
    tenantsBySubject: tenantsBySubject ? new Map(Object.entries(tenantsBySubject)) : null,
    tenants: tenants && new Set(tenants),
    groupsClaim: settings.groupsClaim ?? null,
    toleranceSeconds: settings.toleranceSeconds ?? 0,
    maxAgeSeconds: settings.maxAgeSeconds ?? null,
    keys: keySet ? new PublishedKeys(issuer, keySet) : configuredKeys(issuer, keys),
  };
}

/** @param problems to which those of the keys are added */
function makeKeys(
  { issuer, keys }: IssuerSettings,
  problems: string[],
): readonly VerificationKey[] {
  return keys.flatMap((settings) => {
    const { kid, algorithm } = settings;
    const key = makeKey(settings);
    if (typeof key !== 'string') return [{ kid, algorithm, key }];
    const name = kid === null ? `key without \`kid\` (${algorithm})` : `key \`${kid}\``;
    problems.push(`issuer \`${issuer}\`: ${name}: ${key}`);
    return [];
  });
}

/** Two issuers that hold one secret can each sign as the other. */
function hasSharedSecret(keys: readonly VerificationKey[]): boolean {
  const secrets = keys.map(({ key }) => key).filter(({ type }) => type === 'secret');
  return secrets.some((secret, index) =>
    secrets.slice(0, index).some((other) => other.equals(secret)),
  );
}
