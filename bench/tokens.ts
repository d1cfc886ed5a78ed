import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { WORLD } from './world.ts';

export type TokenAlgorithm = 'HS256' | 'RS256' | 'ES256';

/** What the issuer signs with, and what the gateway is given to verify it. */
interface IssuerKey {
  readonly signing: string | KeyObject;
  /** The content of the key's file: a secret, or a public key in PEM. */
  readonly verifying: string;
}

const MAKE_KEY: Readonly<Record<TokenAlgorithm, () => IssuerKey>> = {
  HS256: () => ({ signing: WORLD.issuerSecret, verifying: WORLD.issuerSecret }),
  RS256: () => keyOf(generateKeyPairSync('rsa', { modulusLength: 2048 })),
  ES256: () => keyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
};

function keyOf({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) {
  return {
    signing: privateKey,
    verifying: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const TOKEN_LIFETIME_SECONDS = 7200;

/** An issuer with one key, made anew: its tokens are longer valid than a benchmark runs. */
export class BenchIssuer {
  readonly algorithm: TokenAlgorithm;
  readonly #key: IssuerKey;

  constructor(algorithm: TokenAlgorithm = 'HS256') {
    this.algorithm = algorithm;
    this.#key = MAKE_KEY[algorithm]();
  }

  get verifyingKey(): string {
    return this.#key.verifying;
  }

  tokenOf(tenant: string): string {
    return jsonwebtoken.sign({}, this.#key.signing, {
      algorithm: this.algorithm,
      keyid: WORLD.keyId,
      issuer: WORLD.issuer,
      audience: WORLD.audience,
      subject: tenant,
      expiresIn: TOKEN_LIFETIME_SECONDS,
      jwtid: randomUUID(),
    });
  }
}
