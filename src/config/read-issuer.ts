import { z } from 'zod';
import type {
  IssuerKeySettings,
  IssuerSettings,
  KeySetPlace,
  KeySetSettings,
} from '../identity/issuer-settings.ts';
import { Secret } from '../secret.ts';
import type { Settings } from './schema.ts';
import type { Source } from './source.ts';

type IssuerSetting = Settings['identity']['issuers'][number];
type Material = IssuerKeySettings['material'];

/** An issuer with the material of its keys. */
export function readIssuer(setting: IssuerSetting, at: string, source: Source): IssuerSettings {
  const { issuer, audiences, tenantClaim, keys, keySet, development } = setting;
  return {
    issuer,
    audiences,
    tenantClaim,
    tenantsBySubject: setting.tenantsBySubject ?? null,
    tenants: setting.tenants ?? null,
    groupsClaim: setting.groupsClaim ?? null,
    toleranceSeconds: setting.toleranceSeconds ?? null,
    maxAgeSeconds: setting.maxAgeSeconds ?? null,
    keySet: keySet ? readKeySet(keySet, `${at}.keySet`, source) : null,
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

type KeySetSetting = NonNullable<IssuerSetting['keySet']>;

/** A key set as the issuer's keys read it; what its files hold now matters for a check alone. */
function readKeySet(setting: KeySetSetting, at: string, source: Source): KeySetSettings {
  const { algorithms, refreshSeconds, cooldownSeconds, staleSeconds, maxBytes } = setting;
  const common = { algorithms, refreshSeconds, cooldownSeconds, staleSeconds, maxBytes };
  const existing = (file: string, member: string) => {
    source.text(file, `${at}.${member}`);
    return source.path(file);
  };
  if (setting.from === 'file') {
    const place: KeySetPlace = { from: 'file', file: existing(setting.file, 'file') };
    return { ...common, place, ...NOT_FETCHED };
  }
  const { caFile, bearerTokenFile, timeoutMs, allowHttp } = setting;
  return {
    ...common,
    place: placeOf(setting),
    timeoutMs,
    allowHttp,
    caFile: caFile === undefined ? null : existing(caFile, 'caFile'),
    bearerTokenFile:
      bearerTokenFile === undefined ? null : existing(bearerTokenFile, 'bearerTokenFile'),
  };
}

const NOT_FETCHED = { timeoutMs: 0, allowHttp: false, caFile: null, bearerTokenFile: null };

function placeOf(setting: Exclude<KeySetSetting, { from: 'file' }>): KeySetPlace {
  return setting.from === 'url'
    ? { from: 'url', url: setting.url }
    : { from: 'discovery', jwksUrl: setting.jwksUrl ?? null };
}
