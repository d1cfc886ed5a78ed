import type { IssuerSettings } from '../src/identity/issuer-settings.ts';
import { mintToken } from '../src/identity/mint-token.ts';
import { Secret } from '../src/secret.ts';
import { WORLD } from './world.ts';

const ISSUER: IssuerSettings = {
  issuer: WORLD.issuer,
  audiences: [WORLD.audience],
  tenantClaim: 'sub',
  tenants: null,
  keys: [
    {
      kid: WORLD.keyId,
      algorithm: 'HS256',
      material: { kind: 'secret', secret: new Secret(WORLD.issuerSecret) },
    },
  ],
  isDevelopment: true,
};

const TOKEN_LIFETIME_SECONDS = 3600;

/** An HS256 token of a tenant, longer valid than a benchmark runs. */
export function tokenOf(tenant: string, tokenId: string): string {
  return mintToken(ISSUER, {
    tenant,
    lifetimeSeconds: TOKEN_LIFETIME_SECONDS,
    now: new Date(),
    tokenId,
  });
}
