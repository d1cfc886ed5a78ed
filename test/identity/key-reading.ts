import { onTestFinished } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import type { IssuerStatus } from '../../src/identity/issuer-keys.ts';
import type { IssuerSettings } from '../../src/identity/issuer-settings.ts';
import {
  createTokenVerifier,
  type TokenVerifier,
  type TokenVerifierOptions,
} from '../../src/identity/token-verifier.ts';

/** A verifier that has read its key sets, under a clock that the test turns. */
export interface OpenVerifier {
  readonly verifier: TokenVerifier;
  readonly reported: IssuerStatus[];
  now(): Date;
  turnClock(seconds: number): void;
  /** The tenant's name, or the code of the refusal. */
  verdict(token: string): Promise<string>;
  status(): IssuerStatus;
}

/** Open a verifier; it is closed with the test. */
export async function openVerifier(
  issuers: readonly IssuerSettings[],
  options: Partial<TokenVerifierOptions> = {},
): Promise<OpenVerifier> {
  let nowMs = Date.now();
  const now = () => new Date(nowMs);
  const reported: IssuerStatus[] = [];
  const verifier = createTokenVerifier(issuers, { toleranceSeconds: 60, ...options });
  onTestFinished(() => verifier.close());
  await verifier.open({ now, onChange: (status) => void reported.push(status) });
  return {
    verifier,
    reported,
    now,
    turnClock: (seconds) => {
      nowMs += seconds * 1000;
    },
    verdict: (token) => verdictOf(verifier, token, now()),
    status: () => {
      const [status] = verifier.status(now());
      if (status === undefined) throw new Error('there is an issuer');
      return status;
    },
  };
}

/** The tenant's name, or the code of the refusal; any other error fails the test. */
export async function verdictOf(
  verifier: TokenVerifier,
  token: string,
  now: Date,
): Promise<string> {
  try {
    return (await verifier.verify(token, now)).name;
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

/** The claims of a good token of the issuer that tests publish keys for. */
export function goodClaims(now: Date, changes: object = {}): object {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    iss: 'https://issuer.test',
    aud: 'slimgate',
    sub: 'photos',
    iat: seconds,
    exp: seconds + 3600,
    ...changes,
  };
}
