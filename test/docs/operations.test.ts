import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCredentialsFile } from '../../src/config/credentials-file.ts';
import { copyOfConfig } from '../cli/running-cli.ts';
import { shell } from './shell.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const DOCUMENT = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
const [LOOK = '', ROTATE = '', ...FURTHER] = [...DOCUMENT.matchAll(/```sh\n([^`]+)```/g)].map(
  ([, commands = '']) => commands,
);

test('the commands of docs/operations.md do what it says', async () => {
  expect(FURTHER).toEqual([]);
  const directory = copyOfConfig();
  mkdirSync(join(directory, 'var'));
  writeFileSync(
    join(directory, 'var/development-issuer.secret'),
    randomBytes(32).toString('base64url'),
    { mode: 0o600 },
  );
  const seen = await shell(directory, LOOK);
  expect(seen).toMatch(/^ok {4}configuration: /);
  expect(seen).toMatch(
    /\nwarn {2}local Cloud Infinite: nothing listens[^\n]*\n {6}start the gateway/,
  );

  // Every line that it can print is in the table.
  const told = new Set(
    [...DOCUMENT.matchAll(/^\| `([^`]+)` /gm)].map(([, name = '']) => name.split('…')[0]?.trim()),
  );
  const findings = JSON.parse(readFileSync(join(directory, 'findings.json'), 'utf8'));
  const names = findings.map(({ check }: { check: string }) =>
    check.replace(/^issuer .*/, 'issuer'),
  );
  expect(names.filter((name: string) => !told.has(name))).toEqual(['local Cloud Infinite']);

  await shell(directory, ROTATE);
  const path = join(directory, 'keys.yaml');
  expect(readCredentialsFile({ path, name: path, exposed: 'refuse' })).toMatchObject({
    credentials: { secretId: 'AKIDnew' },
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
}, 30_000);
