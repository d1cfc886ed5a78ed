import type { Command } from 'commander';
import { stringify } from 'yaml';
import { z } from 'zod';
import { parseSigningKey } from '../audit/signing-key.ts';
import { loadConfiguration, readSettings } from '../config/load.ts';
import { settingsSchema } from '../config/schema.ts';
import { ConfigurationError } from '../errors.ts';
import { createTokenVerifier } from '../identity/token-verifier.ts';
import { parsePolicyTable } from '../policy/parse-table.ts';
import { parseLocalCloud } from '../simulator/local-cloud.ts';
import { type ConfigurationOption, withConfiguration } from './configuration-option.ts';

export function addConfigVerbs(config: Command): void {
  withConfiguration(config.command('check'))
    .description('check everything that `start` would read; exit 1 when something is wrong')
    .action(checkConfiguration);
  withConfiguration(config.command('print'))
    .description('print the settings with all defaults')
    .action(printConfiguration);
  config
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .action(printSchema);
}

/** Everything that is wrong, gathered; nothing is started and nothing is changed. */
function checkConfiguration({ config }: ConfigurationOption): void {
  const problems = configurationProblems(config);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else process.stdout.write(`${config} is valid\n`);
}

/** All that is wrong with a configuration and everything it names. */
export function configurationProblems(file: string): readonly string[] {
  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const configuration = attempt(() => loadConfiguration(file, process.env));
  if (configuration === undefined) return problems;

  const { issuers, settings, subAccounts, policyTableText, localCloudText } = configuration;
  const { auditSigningKey } = configuration;
  attempt(() => createTokenVerifier(issuers, settings.identity));
  attempt(() => parsePolicyTable(policyTableText, new Set(subAccounts.map(({ name }) => name))));
  if (auditSigningKey !== undefined) attempt(() => parseSigningKey(auditSigningKey));
  if (localCloudText !== null) attempt(() => parseLocalCloud(localCloudText));
  return problems;
}

function printConfiguration({ config }: ConfigurationOption): void {
  process.stdout.write(stringify(readSettings(config)));
}

function printSchema(): void {
  process.stdout.write(`${JSON.stringify(configurationSchema(), null, 2)}\n`);
}

/** What editors and `config/gateway.schema.json` know of the configuration. */
export function configurationSchema(): unknown {
  return {
    title: 'Slimgate configuration',
    ...z.toJSONSchema(settingsSchema, { io: 'input' }),
  };
}
