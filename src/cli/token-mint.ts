import { randomUUID } from 'node:crypto';
import { type Configuration, loadConfiguration, readSettings } from '../config/load.ts';
import { ConfigurationError } from '../errors.ts';
import { mintToken } from '../identity/mint-token.ts';
import type { ConfigurationOption } from './configuration-option.ts';
import { createDevelopmentSecrets } from './development.ts';

export interface MintOptions extends ConfigurationOption {
  readonly tenant: string;
  readonly lifetime: number;
}

/** Print a token for a tenant, and nothing else, so that a shell can take it. */
export function printToken({ config, tenant, lifetime }: MintOptions): void {
  const settings = readSettings(config);
  createDevelopmentSecrets(config, settings);
  const configuration = loadConfiguration(config, process.env, settings);
  process.stdout.write(`${developmentToken(configuration, tenant, lifetime)}\n`);
}

/** @throws ConfigurationError in production, where no issuer is one for development */
export function developmentToken(
  { issuers }: Configuration,
  tenant: string,
  lifetimeSeconds: number,
): string {
  const issuer = issuers.find(({ isDevelopment }) => isDevelopment);
  if (issuer === undefined) {
    throw new ConfigurationError('no token can be minted', ['there is no development issuer']);
  }
  return mintToken(issuer, { tenant, lifetimeSeconds, now: new Date(), tokenId: randomUUID() });
}
