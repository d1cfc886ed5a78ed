import jsonwebtoken from 'jsonwebtoken';
import { ConfigurationError } from '../errors.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import { createTokenVerifier } from './token-verifier.ts';

export interface MintRequest {
  readonly tenant: string;
  /** One of the issuer’s audiences; its first when left out. */
  readonly audience?: string;
  readonly lifetimeSeconds: number;
  readonly now: Date;
  readonly tokenId: string;
}

/**
 * Sign a token as the issuer would, for development and tests. What is returned has passed the
 * verifier, so it is a token that the gateway accepts.
 * @throws ConfigurationError unless the issuer is for development and its secret is fit
 * @throws GatewayError as the verifier does, for example `token-claims` for a bad tenant's name
 */
export function mintToken(issuer: IssuerSettings, request: MintRequest): string {
  const { tenant, audience = issuer.audiences[0], lifetimeSeconds, now, tokenId } = request;
  const key = issuer.keys.find(({ material }) => material.kind === 'secret');
  if (!issuer.isDevelopment || key?.material.kind !== 'secret') {
    const problem = 'only a development issuer with a secret mints tokens';
    throw new ConfigurationError('no token can be minted', [problem]);
  }
  const verifier = createTokenVerifier([issuer], { toleranceSeconds: 0 });
  const iat = Math.floor(now.getTime() / 1000);
  const token = jsonwebtoken.sign(
    {
      iss: issuer.issuer,
      aud: audience,
      sub: tenant,
      [issuer.tenantClaim]: tenant,
      iat,
      exp: iat + lifetimeSeconds,
      jti: tokenId,
    },
    key.material.secret.reveal(),
    {
      algorithm: key.algorithm as jsonwebtoken.Algorithm,
      ...(key.kid === null ? {} : { keyid: key.kid }),
    },
  );
  // At once: a secret is no EdDSA key.
  void verifier.verify(token, now);
  return token;
}
