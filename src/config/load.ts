import { resolve } from 'node:path';
import type { SubAccountSettings } from '../accounts/sub-account.ts';
import { ConfigurationError } from '../errors.ts';
import type { IssuerSettings } from '../identity/issuer-settings.ts';
import { Secret } from '../secret.ts';
import { readCredentials } from './read-credentials.ts';
import { readDatabaseUrl } from './read-database-url.ts';
import { readIssuer } from './read-issuer.ts';
import { type Settings, settingsSchema } from './schema.ts';
import { type Environment, Source } from './source.ts';

const REFUSED = 'invalid configuration';

/** Everything that is read at start: settings, and what their files and variables hold. */
export interface Configuration {
  readonly settings: Settings;
  readonly issuers: readonly IssuerSettings[];
  readonly subAccounts: readonly SubAccountSettings[];
  readonly policyTableText: string;
  /** The key that signs the audit journal, when one is given. */
  readonly auditSigningKey: Secret | undefined;
  /** The seed of the embedded local Cloud Infinite; null when it is not wanted. */
  readonly localCloudText: string | null;
  /** Absolute. */
  readonly stateDirectory: string;
  /** Of PostgreSQL, with its password; null: SQLite in the state directory. */
  readonly databaseUrl: Secret | null;
}

/**
 * Read the settings alone: no file that they name is opened.
 * @throws ConfigurationError
 */
export function readSettings(file: string): Settings {
  const source = new Source(file, {});
  const settings = source.yaml(resolve(file), 'configuration', settingsSchema);
  if (settings === null) throw new ConfigurationError(REFUSED, source.problems);
  return settings;
}

/**
 * Read the settings and the issuers alone: who looks at a token needs no more.
 * @throws ConfigurationError
 */
export function loadIssuers(
  file: string,
  environment: Environment,
): Pick<Configuration, 'settings' | 'issuers'> {
  const settings = readSettings(file);
  const source = new Source(file, environment);
  const issuers = readIssuers(settings, source);
  if (source.problems.length > 0) throw new ConfigurationError(REFUSED, source.problems);
  return { settings, issuers };
}

function readIssuers({ identity }: Settings, source: Source): readonly IssuerSettings[] {
  return identity.issuers.map((issuer, index) =>
    readIssuer(issuer, `identity.issuers.${index}`, source),
  );
}

/**
 * Read the whole configuration. Reading changes nothing.
 * @param settings those of the file, when they have been read already
 * @throws ConfigurationError that lists every file and variable that is missing or not valid
 */
export function loadConfiguration(
  file: string,
  environment: Environment,
  settings: Settings = readSettings(file),
): Configuration {
  const source = new Source(file, environment);
  const { policyTableFile, simulator, stateDirectory } = settings;
  const { signingKeyFile } = settings.audit;
  const configuration: Configuration = {
    settings,
    issuers: readIssuers(settings, source),
    subAccounts: readSubAccounts(settings, source),
    policyTableText: source.text(policyTableFile, 'policyTableFile'),
    auditSigningKey:
      signingKeyFile === undefined
        ? undefined
        : new Secret(source.text(signingKeyFile, 'audit.signingKeyFile')),
    localCloudText: simulator?.embedded
      ? source.text(simulator.cloudFile, 'simulator.cloudFile')
      : null,
    stateDirectory: source.path(stateDirectory),
    databaseUrl: readDatabaseUrl(source),
  };
  if (source.problems.length > 0) throw new ConfigurationError(REFUSED, source.problems);
  return Object.freeze(configuration);
}

function readSubAccounts(
  { subAccounts, mode }: Settings,
  source: Source,
): readonly SubAccountSettings[] {
  return subAccounts.map((subAccount, index) => ({
    ...subAccount,
    credentials: readCredentials(subAccount, {
      at: `subAccounts.${index}.credentials`,
      source,
      mode,
    }),
  }));
}
