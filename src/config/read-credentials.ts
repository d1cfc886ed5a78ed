import type { CredentialSettings, FixedSettings } from '../accounts/credential-settings.ts';
import type { IssuedCredentials } from '../accounts/credentials.ts';
import { ConfigurationError } from '../errors.ts';
import { Secret } from '../secret.ts';
import {
  type CredentialsFile,
  readCredentialsFile,
  rereadCredentialsFile,
} from './credentials-file.ts';
import type { Settings } from './schema.ts';
import type { Source } from './source.ts';

type SubAccountSetting = Settings['subAccounts'][number];
type CredentialsSetting = SubAccountSetting['credentials'];
type OwnSetting = Exclude<CredentialsSetting, { from: 'sts' }>;
type OwnSettings = Exclude<CredentialSettings, { from: 'sts' }>;
type FileSetting = Extract<CredentialsSetting, { from: 'file' }>;
type EnvironmentSetting = Extract<CredentialsSetting, { from: 'environment' }>;

export interface ReadingPlace {
  /** The path of the setting. */
  readonly at: string;
  readonly source: Source;
  readonly mode: Settings['mode'];
}

/** Where a sub-account's keys come from, with those that are there before anybody is asked. */
export function readCredentials(
  { name, credentials }: Pick<SubAccountSetting, 'name' | 'credentials'>,
  place: ReadingPlace,
): CredentialSettings {
  if (credentials.from !== 'sts') return readOwn(credentials, place);
  const { caller, sessionName, externalId, ...setting } = credentials;
  return {
    ...setting,
    caller: readOwn(caller, { ...place, at: `${place.at}.caller` }),
    sessionName: sessionName ?? `slimgate-${name}`,
    externalId: externalId ?? null,
  };
}

function readOwn(setting: OwnSetting, place: ReadingPlace): OwnSettings {
  if (setting.from === 'environment') return readVariables(setting, place);
  if (setting.from === 'file') return readFile(setting, place);
  return setting;
}

function readVariables(
  { prefix }: EnvironmentSetting,
  { at, source }: ReadingPlace,
): FixedSettings {
  const credentials = {
    secretId: source.variable(`${prefix}_SECRET_ID`, at),
    secretKey: new Secret(source.variable(`${prefix}_SECRET_KEY`, at)),
    securityToken: source.optionalSecret(`${prefix}_SECURITY_TOKEN`),
  };
  return { from: 'environment', issued: { credentials, expiresAt: null, warning: null } };
}

function readFile(
  { path, checkSeconds, exposed }: FileSetting,
  { at, source, mode }: ReadingPlace,
): OwnSettings {
  const file: CredentialsFile = {
    path: source.path(path),
    name: path,
    exposed: exposed ?? (mode === 'production' ? 'warn' : 'allow'),
  };
  return {
    from: 'file',
    first: firstKeys(file, { at, source }),
    read: () => rereadCredentialsFile(file),
    pollMs: checkSeconds * 1000,
  };
}

const NO_KEYS: IssuedCredentials = {
  credentials: { secretId: '', secretKey: new Secret(''), securityToken: null },
  expiresAt: null,
  warning: null,
};

function firstKeys(
  file: CredentialsFile,
  { at, source }: Pick<ReadingPlace, 'at' | 'source'>,
): IssuedCredentials {
  try {
    return readCredentialsFile(file);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    source.problems.push(...error.problems.map((problem) => `${at}.path: ${problem}`));
    return NO_KEYS;
  }
}
