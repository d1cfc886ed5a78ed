import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Settings } from '../config/schema.ts';

const SECRET_BYTES = 32;

/**
 * Make the secret of a development issuer where its file does not exist yet, so that a fresh
 * checkout starts without a secret in it.
 */
export function createDevelopmentSecrets(
  configurationFile: string,
  { identity }: Pick<Settings, 'identity'>,
): void {
  const files = identity.issuers
    .filter(({ development }) => development)
    .flatMap(({ keys }) => keys.flatMap(({ secretFile }) => secretFile ?? []));
  for (const file of files) {
    const path = resolve(dirname(configurationFile), file);
    writeNew(path, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
  }
}

function writeNew(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
