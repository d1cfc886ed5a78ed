import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type ClientOptions, createClient, type SlimgateClient } from '../client/client.ts';
import { ConfigurationError } from '../errors.ts';

export interface TenantOptions {
  readonly gateway: string;
  readonly tokenFile: string;
}

/** A verb that calls the gateway as a tenant does, and nothing else. */
export function withTenant(command: Command): Command {
  return command
    .option('--gateway <url>', 'the gateway', 'http://127.0.0.1:8080')
    .option('--token-file <file>', 'the tenant’s bearer token', 'var/tokens/photos.jwt');
}

/**
 * The client of a tenant. The token is read for each attempt, so that one that is renewed on disk is
 * taken.
 * @throws ConfigurationError when there is none
 */
export function tenantClient(
  { gateway, tokenFile }: TenantOptions,
  more: Pick<ClientOptions, 'onWait'> = {},
): SlimgateClient {
  requireHttp(gateway);
  readToken(tokenFile);
  return createClient({ gateway, token: () => readToken(tokenFile), ...more });
}

function requireHttp(gateway: string): void {
  if (URL.canParse(gateway) && /^https?:$/.test(new URL(gateway).protocol)) return;
  throw new ConfigurationError('the gateway cannot be called', [
    `--gateway \`${gateway}\`: must be an address like http://127.0.0.1:8080`,
  ]);
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError('the token cannot be read', [
      `\`${file}\`: ${code}; name it with --token-file`,
    ]);
  }
}
