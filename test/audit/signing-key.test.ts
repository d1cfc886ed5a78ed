import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSigningKey, parsePublicKeys, parseSigningKey } from '../../src/audit/signing-key.ts';
import { ConfigurationError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { temporaryDirectory } from '../support/journal.ts';
import { testKey } from '../support/signed-journal.ts';

const PRIVATE = 'audit-signing.key';
const PUBLIC = 'audit-signing.pub.pem';

describe('the signing key', () => {
  test('is made on the first start, for its owner alone, and used from then on', async () => {
    const directory = await temporaryDirectory();
    const first = await openSigningKey(directory);
    const pem = await readFile(join(directory, PRIVATE), 'utf8');
    expect((await stat(join(directory, PRIVATE))).mode & 0o777).toBe(0o600);
    expect((await openSigningKey(directory)).id).toBe(first.id);
    expect(await readFile(join(directory, PRIVATE), 'utf8')).toBe(pem);
    const known = await readFile(join(directory, PUBLIC), 'utf8');
    expect([...parsePublicKeys(known).keys()]).toEqual([first.id]);
    expect(known).not.toContain('PRIVATE');
  });

  test('has an id that anybody can compute from its public part', async () => {
    const directory = await temporaryDirectory();
    const { id } = await openSigningKey(directory);
    const command = `openssl pkey -pubin -in ${PUBLIC} -outform DER | sha256sum | cut -c1-16`;
    expect(execFileSync('bash', ['-c', command], { cwd: directory }).toString().trim()).toBe(id);
  });

  test('that was made by openssl is taken, and leaves its public part beside the others', async () => {
    const directory = await temporaryDirectory();
    const own = await openSigningKey(directory);
    const pem = execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']).toString();
    const given = await openSigningKey(directory, new Secret(pem));
    const known = parsePublicKeys(await readFile(join(directory, PUBLIC), 'utf8'));
    expect([...known.keys()]).toEqual([own.id, given.id]);
    expect((await openSigningKey(directory)).id).toBe(own.id);
  });

  test('that is lost is not replaced by a new one in silence', async () => {
    const directory = await temporaryDirectory();
    await openSigningKey(directory);
    await rm(join(directory, PRIVATE));
    await expect(openSigningKey(directory)).rejects.toThrow(ConfigurationError);
    await expect(openSigningKey(directory)).rejects.toThrow(/is missing.*put it back/);
  });

  test.each([
    { name: 'an RSA key', pem: rsaKey() },
    { name: 'no key', pem: 'canary-of-a-key'.repeat(5) },
    { name: 'a public key', pem: testKey().publicPem },
  ])('that is $name is refused, and the message does not repeat it', async ({ pem }) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, PRIVATE), pem);
    const opened = await openSigningKey(directory).catch((error: unknown) => error);
    expect(opened).toBeInstanceOf(ConfigurationError);
    expect(String(opened)).not.toContain(pem.slice(30, 60));
    expect(() => parseSigningKey(new Secret(pem))).toThrow(ConfigurationError);
  });

  test.each([
    { name: 'an empty file', pem: '' },
    { name: 'a private key', pem: testKey().pem.reveal() },
    { name: 'an RSA key', pem: rsaPublicKey() },
  ])('is not verified with $name', ({ pem }) => {
    expect(() => parsePublicKeys(pem)).toThrow(ConfigurationError);
  });
});

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

function rsaPublicKey(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return String(publicKey.export({ type: 'spki', format: 'pem' }));
}
