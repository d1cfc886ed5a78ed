import { GatewayError } from '../errors.ts';
import { type CompactToken, parseCompactToken } from './compact-token.ts';
import type { IssuerStatus, KeySet, KeyWatch } from './issuer-keys.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import { ProvenTokens } from './proven-tokens.ts';
import type { Tenant } from './tenant.ts';
import { tenantOf, verifyTimes } from './tenant-claims.ts';
import { type Expected, verifyProof } from './token-proof.ts';
import { type TokenErrorCode, tokenRefusal } from './token-refusal.ts';
import { chooseKey, isKeyMissing, type TrustedIssuer, trustIssuers } from './trusted-issuer.ts';

const DEFAULT_CAPACITY = 10_000;

export interface TokenVerifierOptions {
  /** For issuers that do not say it themselves. */
  readonly toleranceSeconds: number;
  /** The most verified tokens that are remembered; 0: none. */
  readonly rememberedTokens?: number;
  /** Asked at each use of a token, so that a revocation is in force at once; left out: none is. */
  readonly isRevoked?: (tenant: Tenant) => boolean;
}

export interface TokenVerifier {
  /**
   * The tenant that a bearer token proves: at once, unless keys have to be fetched first or the
   * algorithm is EdDSA. It throws, or rejects, with a GatewayError and nothing else.
   * @throws GatewayError with a code of `token-*`, or `keys-unavailable`
   */
  verify(token: string, now: Date): Tenant | Promise<Tenant>;
  /** How it stands with the keys of each issuer. */
  status(now: Date): readonly IssuerStatus[];
  /** Read the key sets, and go on doing so until closed; settles after the first time. */
  open(watch: KeyWatch): Promise<void>;
  close(): void;
}

/**
 * A verifier for the tokens of these issuers; keys that are configured are made here, once, and
 * those that are published when it is opened.
 * @throws ConfigurationError with every problem of every issuer and key
 */
export function createTokenVerifier(
  issuers: readonly IssuerSettings[],
  options: TokenVerifierOptions,
): TokenVerifier {
  const { isRevoked = () => false, rememberedTokens = DEFAULT_CAPACITY } = options;
  const trusted = trustIssuers(issuers, options.toleranceSeconds);
  const provenTokens = new ProvenTokens(rememberedTokens);
  const keySets = [...trusted.values()].map(({ keys }) => keys);

  const admit = (tenant: Tenant): Tenant => {
    if (isRevoked(tenant)) throw tokenRefusal('token-revoked');
    return tenant;
  };
  const remember = (tenant: Tenant, { compact, issuer }: Presented, { generation }: KeySet) => {
    provenTokens.keep(compact.text, { tenant, issuer, generation });
    return admit(tenant);
  };
  return {
    verify(token, now) {
      const proven = provenTokens.find(token);
      const generation = proven?.issuer.keys.current(now)?.generation;
      if (proven !== undefined && generation === proven.generation) {
        verifyTimes(proven.tenant.claims, proven.issuer, secondsOf(now));
        return admit(proven.tenant);
      }
      const presented = present(token, trusted, now);
      return whenKeysAreThere(presented, (keySet) => prove(presented, keySet, remember));
    },
    status: (now) => keySets.map((keys) => keys.status(now)),
    async open(watch) {
      await Promise.all(keySets.map((keys) => keys.open(watch)));
    },
    close() {
      for (const keys of keySets) keys.close();
    },
  };
}

/** A token that is well-formed and says that it is of an issuer that is trusted: no more. */
interface Presented {
  readonly compact: CompactToken;
  readonly issuer: TrustedIssuer;
  readonly now: Date;
}

function present(token: string, trusted: ReadonlyMap<unknown, TrustedIssuer>, now: Date) {
  const compact = parseCompactToken(token);
  const issuer = trusted.get(compact.unverified.iss);
  if (issuer === undefined) throw tokenRefusal('token-issuer');
  return { compact, issuer, now };
}

/** Go on with the keys at hand, or have them read again first when the token's is not among them. */
function whenKeysAreThere(
  { compact, issuer, now }: Presented,
  next: (keySet: KeySet) => Tenant | Promise<Tenant>,
): Tenant | Promise<Tenant> {
  const keySet = issuer.keys.current(now);
  const isMissing = keySet === null || isKeyMissing(keySet.keys, compact);
  const asked = isMissing ? issuer.keys.ask(now) : null;
  if (asked === null) return next(keySet ?? refuseWithoutKeys(issuer));
  return asked.then(() => next(issuer.keys.current(now) ?? refuseWithoutKeys(issuer)));
}

function refuseWithoutKeys({ keys }: TrustedIssuer): never {
  throw new GatewayError('keys-unavailable', 'the token is not at fault: send it again later', {
    headers: { 'Retry-After': String(keys.retrySeconds) },
  });
}

type Remember = (tenant: Tenant, presented: Presented, keySet: KeySet) => Tenant;

function prove(presented: Presented, keySet: KeySet, remember: Remember): Tenant | Promise<Tenant> {
  const { compact, issuer, now } = presented;
  const nowSeconds = secondsOf(now);
  const chosen = chooseKey(keySet.keys, compact);
  if (!chosen.isKnown) {
    const { decoy } = chosen;
    return refuseUnknownKey(presented, keySet, decoy && { issuer, key: decoy, nowSeconds });
  }
  const conclude = (fault: TokenErrorCode | null) => {
    if (fault !== null) throw tokenRefusal(fault);
    return remember(tenantOf(compact.unverified, issuer, nowSeconds), presented, keySet);
  };
  const verdict = verifyProof(compact.text, { issuer, key: chosen.key, nowSeconds });
  return verdict instanceof Promise ? verdict.then(conclude) : conclude(verdict);
}

/**
 * Do the work that a known key would have caused, and refuse.
 * INVARIANT: whatever comes of that work.
 */
function refuseUnknownKey(
  { compact, issuer, now }: Presented,
  { keys }: KeySet,
  decoy: Expected | undefined,
): Promise<never> {
  const refuse = (): never => {
    // While its keys cannot be read, nobody can say that an issuer has no such key.
    const isOutage = issuer.keys.status(now).state === 'stale';
    if (isOutage && isKeyMissing(keys, compact)) return refuseWithoutKeys(issuer);
    throw tokenRefusal('token-key-unknown');
  };
  const verdict = decoy && verifyProof(compact.text, decoy);
  return verdict instanceof Promise ? verdict.then(refuse) : refuse();
}

function secondsOf(now: Date): number {
  return now.getTime() / 1000;
}
