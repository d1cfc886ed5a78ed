import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { cli, copyOfConfig, edit, spawnedCli, startCli } from './running-cli.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const READY = /"msg":"ready"/;

async function shell(directory: string, command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: directory });
  return stdout;
}

test('what is printed on start can be pasted, and does what it says', async () => {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], READY);
  const promised = [...running.banner.matchAll(/\((\d{3})\):\n {2}(curl .*)\n/g)];
  expect(promised).toHaveLength(4);
  for (const [, status, command] of promised) {
    expect(await shell('/', `${command} -s`)).toContain(`HTTP/1.1 ${status} `);
  }
  const ready = /http\S+readyz/.exec(running.banner)?.[0];
  expect(await shell('/', `curl -s ${ready}`)).toContain('"status":"ready"');

  const { code, stdout, stderr } = await running.stop('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).not.toContain(readFileSync(join(directory, 'var/tokens/photos.jwt'), 'utf8'));
  const report = await verifyJournal(join(directory, 'var', 'journal'));
  expect(report).toMatchObject({ isIntact: true, openIntents: [] });
}, 30_000);

test('the calls of the README give the answers that it shows', async () => {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], READY);
  const port = /gateway +http:\/\/127\.0\.0\.1:(\d+)/.exec(running.banner)?.[1];
  const shown = [...README.matchAll(/```sh\n(curl [^\n]*)\n```(?:\n```json\n([^\n]*)\n```)?/g)];
  expect(shown.length).toBe(5);
  for (const [, command = '', answer] of shown) {
    const given = JSON.parse(await shell(directory, `${command.replace(':8080', `:${port}`)} -s`));
    if (answer === undefined) continue;
    const { requestId, receipt, ...expected } = JSON.parse(answer);
    expect(given).toMatchObject(expected);
    expect(Object.keys(given)).toEqual(Object.keys(JSON.parse(answer)));
  }
  await running.stop('SIGTERM');
}, 30_000);

test('the development secret is made once, for its owner alone', async () => {
  const directory = copyOfConfig();
  const first = await cli(directory, 'token', '--tenant', 'photos');
  const secret = readFileSync(join(directory, 'var/development-issuer.secret'), 'utf8');
  await cli(directory, 'token', '--tenant', 'photos');
  expect(first.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect(first.stderr).toBe('');
  expect(readFileSync(join(directory, 'var/development-issuer.secret'), 'utf8')).toBe(secret);
  expect(await shell(directory, 'stat -c %a var/development-issuer.secret')).toBe('600\n');
});

test('a port that is taken is told in one line, and a second gateway on the same journal is refused', async () => {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], READY);
  const port = /gateway +http:\/\/127\.0\.0\.1:(\d+)/.exec(running.banner)?.[1];
  const second = copyOfConfig();
  edit(second, (yaml) => yaml.replace('port: 0', `port: ${port}`));
  const { code, stderr } = await spawnedCli(second, 'start');
  expect(code).toBe(3);
  expect(stderr).toBe(
    `slimgate: 127.0.0.1:${port} is in use: stop what listens there, or set another port\n`,
  );
  const beside = await spawnedCli(directory, 'start');
  expect(beside.code).toBe(3);
  expect(beside.stderr).toMatch(/journal/);
  await running.stop('SIGTERM');
}, 30_000);

test('the local Cloud Infinite starts alone', async () => {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['simulator', '--port', '0'], /listens on/);
  const url = /http:\S+/.exec(running.banner)?.[0];
  expect(await shell(directory, `curl -s '${url}/?image-slim'`)).toContain('<Error>');
  const { code, stderr } = await running.stop('SIGINT');
  expect([code, stderr]).toEqual([0, '']);
}, 30_000);

test.for([
  ['a short secret', 'HS256', 'secretFile', 'short', 'the secret is shorter than 32 bytes'],
  [
    'RSA of 1024 bits',
    'RS256',
    'publicKeyFile',
    rsaPem(1024),
    'the RSA key is shorter than 2048 bits',
  ],
  ['a key for encryption', 'RS256', 'jwkFile', encryptionJwk(), 'its `use` is not `sig`'],
] as const)(
  'T06: %s refuses to start, in one clear line',
  async ([, algorithm, member, text, problem]) => {
    const directory = copyOfConfig();
    writeFileSync(join(directory, 'config', 'weak.key'), text);
    edit(directory, (yaml) =>
      yaml
        .replace('algorithm: HS256', `algorithm: ${algorithm}`)
        .replace(/secretFile: .*/, `${member}: weak.key`),
    );
    const { code, stdout, stderr } = await cli(directory, 'start');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toBe(
      'slimgate: the issuers cannot be used:\n' +
        `  issuer \`https://issuer.slimgate.local\`: key \`development-1\`: ${problem}\n`,
    );
  },
);

function rsaPem(modulusLength: number): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function encryptionJwk(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return JSON.stringify({ ...publicKey.export({ format: 'jwk' }), use: 'enc' });
}
