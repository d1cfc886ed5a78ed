import { ConfigurationError } from '../errors.ts';
import type { CompactToken } from './compact-token.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import { TENANT_NAME } from './tenant.ts';
import { tokenRefusal } from './token-refusal.ts';
import { makeKey, type VerificationKey } from './verification-key.ts';

/** For identifiers that go into records: `kid`, `sub`, `jti`, names in the settings. */
export const PRINTABLE = /^[\x20-\x7e]{1,256}$/;

/** Claims with a meaning of their own, which cannot name a tenant. */
const OTHER_CLAIMS: readonly string[] = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'];

/** An issuer whose settings hold, with its keys in memory. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audiences: [string, ...string[]];
  readonly tenantClaim: string;
  /** Null: any. */
  readonly tenants: ReadonlySet<string> | null;
  readonly keys: readonly VerificationKey[];
}

/**
 * Make the issuers that the settings describe, by their `iss`.
 * @throws ConfigurationError with every problem of every issuer
 */
export function trustIssuers(
  settings: readonly IssuerSettings[],
): ReadonlyMap<unknown, TrustedIssuer> {
  const names = settings.map(({ issuer }) => issuer);
  const problems = repeatsOf(names).map((issuer) => `issuer \`${issuer}\` stands twice`);
  if (names.length === 0) problems.push('there is no issuer');
  const issuers = settings.map((issuer) => trust(issuer, problems));
  if (hasSharedSecret(issuers)) problems.push('two keys are the same secret');
  if (problems.length > 0) throw new ConfigurationError('the issuers cannot be used', problems);
  return new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
}

/**
 * The one key that may verify a token: by `kid`, never by trying.
 * @throws GatewayError `token-key-unknown`, `token-algorithm`
 */
export function keyFor({ keys }: TrustedIssuer, { algorithm, kid }: CompactToken): VerificationKey {
  const fitting = keys.filter((key) => key.algorithm === algorithm);
  if (kid === undefined) {
    const [only, ...others] = fitting;
    if (only === undefined) throw tokenRefusal('token-algorithm');
    if (others.length > 0) throw tokenRefusal('token-key-unknown');
    return only;
  }
  const named = typeof kid === 'string' ? keys.find((key) => key.kid === kid) : undefined;
  if (named === undefined) throw tokenRefusal('token-key-unknown');
  if (named.algorithm !== algorithm) throw tokenRefusal('token-algorithm');
  return named;
}

/** @param problems to which those of this issuer are added */
function trust(settings: IssuerSettings, problems: string[]): TrustedIssuer {
  const { issuer, tenantClaim, tenants } = settings;
  const report = (problem: string) => problems.push(`issuer \`${issuer}\`: ${problem}`);
  for (const problem of problemsOf(settings)) report(problem);
  const keys = settings.keys.flatMap((keySettings) => {
    const { kid, algorithm } = keySettings;
    const key = makeKey(keySettings);
    if (typeof key !== 'string') return [{ kid, algorithm, key }];
    report(`key ${kid === null ? `without \`kid\` (${algorithm})` : `\`${kid}\``}: ${key}`);
    return [];
  });
  const [audience = '', ...others] = settings.audiences;
  return {
    issuer,
    audiences: [audience, ...others],
    tenantClaim,
    tenants: tenants && new Set(tenants),
    keys,
  };
}

/** Two issuers that hold one secret can each sign as the other. */
function hasSharedSecret(issuers: readonly TrustedIssuer[]): boolean {
  const keys = issuers.flatMap((issuer) => issuer.keys.map(({ key }) => key));
  const secrets = keys.filter(({ type }) => type === 'secret');
  return secrets.some((secret, index) =>
    secrets.slice(0, index).some((other) => other.equals(secret)),
  );
}

function* problemsOf(settings: IssuerSettings): Generator<string> {
  const { issuer, audiences, tenantClaim, tenants, keys } = settings;
  const kids = keys.flatMap(({ kid }) => (kid === null ? [] : [kid]));
  const names = [issuer, tenantClaim, ...audiences, ...kids];
  if (!names.every((name) => PRINTABLE.test(name))) yield 'a name is empty, too long or not ASCII';
  if (audiences.length === 0) yield 'it has no audience';
  if (keys.length === 0) yield 'it has no key';
  if (OTHER_CLAIMS.includes(tenantClaim)) yield `\`${tenantClaim}\` cannot name a tenant`;
  for (const name of tenants?.filter((tenant) => !TENANT_NAME.test(tenant)) ?? []) {
    yield `\`${name}\` is not a tenant’s name`;
  }
  for (const kid of repeatsOf(kids)) yield `key \`${kid}\` stands twice`;
  const algorithms = keys.map(({ algorithm }) => algorithm);
  for (const { kid, algorithm } of keys) {
    if (kid === null && repeatsOf(algorithms).includes(algorithm)) {
      yield `one of several ${algorithm} keys has no \`kid\``;
    }
  }
}

function repeatsOf(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
