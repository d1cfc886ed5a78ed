import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, copyOfConfig } from './running-cli.ts';

const MAIN = new URL('../../bin/slimgate.js', import.meta.url).pathname;
const ISSUER = 'https://issuer.slimgate.local';

test('a token that is minted is inspected without being shown', async () => {
  const directory = copyOfConfig();
  const { stdout: token } = await cli(directory, 'token', 'mint', '--tenant', 'photos');
  const input = { cwd: directory, input: `${token}\n`, encoding: 'utf8' } as const;
  const stdout = execFileSync(process.execPath, [MAIN, 'token', 'inspect'], input);
  const now = Date.now() / 1000;
  expect(JSON.parse(stdout)).toEqual({
    accepted: true,
    tenant: {
      name: 'photos',
      subject: 'photos',
      issuer: ISSUER,
      tokenId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      expiresAt: expect.stringMatching(/Z$/),
      groups: [],
    },
    header: { alg: 'HS256', typ: 'JWT', kid: 'development-1' },
    claims: expect.objectContaining({ sub: 'photos', aud: 'slimgate' }),
    times: { iat: expect.any(String), nbf: null, exp: expect.any(String) },
    issuers: [expect.objectContaining({ issuer: ISSUER, state: 'configured' })],
  });
  expect(JSON.parse(stdout).claims.exp).toBeGreaterThan(now + 3500);
  const [header = '', , signature = ''] = token.trim().split('.');
  expect(stdout).not.toContain(signature);
  expect(stdout).not.toContain(header);
});

test('a token that is refused is told why, in plain ASCII, with exit code 1', async () => {
  const directory = copyOfConfig();
  await cli(directory, 'token', '--tenant', 'photos'); // It makes the issuer's secret.
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hostile = { iss: ISSUER, sub: '\u001b[2J\u202e\u009b31m', exp: 4_102_444_800 };
  const file = join(directory, 'token.jwt');
  writeFileSync(
    file,
    `${part({ alg: 'HS256', kid: 'development-1' })}.${part(hostile)}.c2lnbmF0dXJl`,
  );
  const { code, stdout, stderr } = await cli(directory, 'token', 'inspect', '--file', file);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(/^[\n -~]+$/);
  expect(stdout).not.toContain('c2lnbmF0dXJl');
  expect(JSON.parse(stdout)).toMatchObject({
    accepted: false,
    refusal: { code: 'token-signature', detail: expect.stringMatching(/issuer’s key/) },
    claims: hostile,
    times: { exp: '2100-01-01T00:00:00.000Z' },
  });
});

test('what is no token at all is told so, and not repeated', async () => {
  const directory = copyOfConfig();
  await cli(directory, 'token', '--tenant', 'photos');
  const file = join(directory, 'config', 'policy-table.yaml');
  const { code, stdout } = await cli(directory, 'token', 'inspect', '--file', file);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    accepted: false,
    refusal: { code: 'token-malformed' },
    header: null,
    claims: null,
  });
  expect(readFileSync(file, 'utf8')).toContain('principal');
  expect(stdout).not.toContain('principal');
});

test('a token as an argument is refused, and not repeated', async () => {
  const { code, stdout, stderr } = await cli(copyOfConfig(), 'token', 'inspect', 'eyJh.eyJi.c2ln');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/a token is not an argument/);
  expect(stderr).not.toContain('eyJh');
});

test.for([
  { name: 'nothing', args: [], says: /give one of/ },
  { name: 'two things', args: ['--tenant', 'photos', '--subject', 'x'], says: /give one of/ },
  { name: 'a subject of nobody', args: ['--subject', 'x'], says: /--issuer goes with/ },
  { name: 'a tenant of an issuer', args: ['--tenant', 'a', '--issuer', 'b'], says: /--issuer/ },
  { name: 'a token as an argument', args: ['eyJh.eyJi.c2ln'], says: /is not an argument/ },
])('to revoke $name is wrong usage', async ({ args, says }) => {
  const { code, stdout, stderr } = await cli(copyOfConfig(), 'token', 'revoke', ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(says);
  expect(stderr).not.toContain('eyJh');
});

test('to revoke what is no token is refused, and not repeated', async () => {
  const directory = copyOfConfig();
  const file = join(directory, 'config', 'policy-table.yaml');
  const { code, stdout, stderr } = await cli(directory, 'token', 'revoke', '--file', file);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('token');
  expect(stderr).not.toContain('principal');
});
