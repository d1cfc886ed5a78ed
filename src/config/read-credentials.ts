import { z } from 'zod';
import type { Credentials } from '../accounts/credentials.ts';
import { Secret } from '../secret.ts';
import type { Settings } from './schema.ts';
import type { Source } from './source.ts';

type CredentialsSetting = Settings['subAccounts'][number]['credentials'];

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

const credentialsFile = z.strictObject({
  secretId: z.string().min(1),
  secretKey: secret,
  securityToken: secret.optional(),
});

/** The keys of a sub-account, from where its setting says. */
export function readCredentials(
  setting: CredentialsSetting,
  at: string,
  source: Source,
): Credentials {
  if (setting.from === 'environment') {
    return {
      secretId: source.variable(`${setting.prefix}_SECRET_ID`, at),
      secretKey: new Secret(source.variable(`${setting.prefix}_SECRET_KEY`, at)),
      securityToken: source.optionalSecret(`${setting.prefix}_SECURITY_TOKEN`),
    };
  }
  const keys = source.yaml(setting.path, `${at}.path`, credentialsFile);
  return {
    secretId: keys?.secretId ?? '',
    secretKey: keys?.secretKey ?? new Secret(''),
    securityToken: keys?.securityToken ?? null,
  };
}
