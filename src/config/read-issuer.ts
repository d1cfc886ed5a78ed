import { z } from 'zod';
import type { IssuerKeySettings, IssuerSettings } from '../identity/issuer-settings.ts';
import { Secret } from '../secret.ts';
import type { Settings } from './schema.ts';
import type { Source } from './source.ts';

type IssuerSetting = Settings['identity']['issuers'][number];
type Material = IssuerKeySettings['material'];

/** An issuer with the material of its keys. */
export function readIssuer(setting: IssuerSetting, at: string, source: Source): IssuerSettings {
  const { issuer, audiences, tenantClaim, tenants, keys, development } = setting;
  return {
    issuer,
    audiences,
    tenantClaim,
    tenants: tenants ?? null,
    isDevelopment: development,
    keys: keys.map((key, index) => ({
      kid: key.kid ?? null,
      algorithm: key.algorithm,
      material: readMaterial(
        { ...key, remedy: development ? '; `slimgate start` makes it' : '' },
        `${at}.keys.${index}`,
        source,
      ),
    })),
  };
}

type KeySetting = IssuerSetting['keys'][number] & { readonly remedy: string };

function readMaterial(key: KeySetting, at: string, source: Source): Material {
  if (key.secretEnvironment !== undefined) {
    const secret = source.variable(key.secretEnvironment, `${at}.secretEnvironment`);
    return { kind: 'secret', secret: new Secret(secret) };
  }
  if (key.secretFile !== undefined) {
    // An editor's line feed at the end is not part of the secret.
    const secret = source.text(key.secretFile, `${at}.secretFile`, key.remedy).trimEnd();
    return { kind: 'secret', secret: new Secret(secret) };
  }
  if (key.publicKeyFile !== undefined) {
    return { kind: 'pem', pem: source.text(key.publicKeyFile, `${at}.publicKeyFile`) };
  }
  // JSON is YAML, and the strict reader refuses repeated members.
  const jwk = source.yaml(key.jwkFile ?? '', `${at}.jwkFile`, z.looseObject({ kty: z.string() }));
  return { kind: 'jwk', jwk: jwk ?? {} };
}
