import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createSubAccounts, type SubAccountOptions } from '../../src/accounts/sub-account.ts';
import { readCredentials } from '../../src/config/read-credentials.ts';
import { Source } from '../../src/config/source.ts';

const NOWHERE: SubAccountOptions['sts'] = {
  host: 'sts.invalid',
  region: 'ap-guangzhou',
  timeoutMs: 1_000,
  connect: null,
};

const keysText = (id: string) => `secretId: ${id}\nsecretKey: canary-key-of-${id}\n`;

interface FileOptions {
  readonly mode?: 'development' | 'production';
  readonly exposed?: 'allow' | 'warn' | 'refuse';
}

/** A file of keys in a directory of its own, by its configuration. */
function fileOfKeys(text: string, { mode = 'development', exposed }: FileOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'credentials-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'keys.yaml');
  writeFileSync(path, text, { mode: 0o600 });
  const source = new Source(join(directory, 'gateway.yaml'), {});
  const setting = { from: 'file', path: 'keys.yaml', checkSeconds: 0.05, exposed } as const;
  const read = () =>
    readCredentials({ name: 'media', credentials: setting }, { at: 'here', source, mode });
  return { directory, path, source, read };
}

/** A sub-account with the keys of that file. */
async function keptFile(text: string, options?: FileOptions) {
  const file = fileOfKeys(text, options);
  const subAccounts = createSubAccounts(
    [{ name: 'media', uin: '1', ownerUin: '2', appId: '3', credentials: file.read() }],
    { now: () => new Date(), sts: NOWHERE },
  );
  onTestFinished(() => subAccounts.close());
  await subAccounts.start();
  const status = () => subAccounts.status()[0];
  const secretId = () => {
    const media = subAccounts.find('media');
    return media && subAccounts.credentialsOf(media).secretId;
  };
  return { ...file, status, secretId };
}

/** Looks happen every 50 ms; this is time for many. */
const LONG = { timeout: 5_000, interval: 20 };

test('a file that is replaced is taken', async () => {
  const { path, secretId } = await keptFile(keysText('AKIDone'));
  expect(secretId()).toBe('AKIDone');
  writeFileSync(`${path}.new`, keysText('AKIDtwo'));
  renameSync(`${path}.new`, path);
  await vi.waitFor(() => expect(secretId()).toBe('AKIDtwo'), LONG);
});

test('a directory that is swapped under a link, as Kubernetes does, is followed', async () => {
  const { directory, path, secretId } = await keptFile(keysText('AKIDone'));
  for (const id of ['AKIDtwo', 'AKIDthree']) {
    mkdirSync(join(directory, id));
    writeFileSync(join(directory, id, 'keys.yaml'), keysText(id));
    symlinkSync(id, join(directory, 'data.new'));
    renameSync(join(directory, 'data.new'), join(directory, '..data'));
    rmSync(path);
    symlinkSync('..data/keys.yaml', path);
    await vi.waitFor(() => expect(secretId()).toBe(id), LONG);
  }
});

const BROKEN: readonly { name: string; text: string; says: RegExp }[] = [
  { name: 'empty', text: '', says: /the document: / },
  { name: 'cut', text: 'secretId: AKIDtwo\nsecr', says: /not well-formed|are taken/ },
  { name: 'without its key', text: 'secretId: AKIDtwo\n', says: /secretKey: / },
  {
    name: 'no YAML',
    text: 'secretKey: "canary-key',
    says: /line \d+, column \d+: not well-formed/,
  },
  { name: 'a key in the place of a name', text: 'canary-key-astray: 1', says: /only secretId/ },
  { name: 'an alias', text: 'secretId: a\nsecretKey: *canary-key', says: /./ },
  { name: 'a tag', text: 'secretId: a\nsecretKey: !canary-key x', says: /not well-formed/ },
  { name: 'a blank in the key', text: 'secretId: a\nsecretKey: canary-key b', says: /blanks/ },
  { name: 'an end that is none', text: `${keysText('a')}expires: soon`, says: /expires: / },
];

test.for(BROKEN)(
  'broken – $name – the last good keys stay, and it is told',
  async ({ text, says }) => {
    const { path, secretId, status } = await keptFile(keysText('AKIDone'));
    writeFileSync(path, text);
    await vi.waitFor(() => expect(status()?.problem).toMatch(says), LONG);
    expect(status()).toMatchObject({ isUsable: true, secretId: 'AKIDone' });
    expect(secretId()).toBe('AKIDone');
    expect(status()?.problem).not.toContain('canary');
    writeFileSync(path, keysText('AKIDtwo'));
    await vi.waitFor(
      () => expect(status()).toMatchObject({ secretId: 'AKIDtwo', problem: null }),
      LONG,
    );
  },
);

test('a file that is taken away leaves the last good keys', async () => {
  const { path, secretId, status } = await keptFile(keysText('AKIDone'));
  rmSync(path);
  await vi.waitFor(() => expect(status()?.problem).toBe('`keys.yaml`: no such file'), LONG);
  expect(secretId()).toBe('AKIDone');
});

test('what is found only once, as a file that is being written is, is not taken', async () => {
  const { read } = fileOfKeys(keysText('AKIDone'));
  const settings = read();
  if (settings.from !== 'file') throw new Error('it is a file');
  const looks = ['AKIDone', 'AKIDhalf', 'AKIDtwo', 'AKIDtwo'];
  const { fileSource } = await import('../../src/accounts/file-source.ts');
  const source = fileSource({
    ...settings,
    read: async () => ({
      ...settings.first,
      credentials: { ...settings.first.credentials, secretId: looks.shift() ?? '' },
    }),
  });
  const taken: string[] = [];
  for (let look = 0; look < 4; look++) taken.push((await source.fetch()).credentials.secretId);
  expect(taken).toEqual(['AKIDone', 'AKIDone', 'AKIDone', 'AKIDtwo']);
});

test('keys of a file end when it says so', async () => {
  const expires = new Date(Date.now() + 400).toISOString();
  const { secretId } = await keptFile(`${keysText('AKIDone')}expires: ${expires}\n`);
  expect(secretId()).toBe('AKIDone');
  await vi.waitFor(() => expect(secretId).toThrow(/^credentials-unavailable/), LONG);
});

test('in production a file that others can read is told, or refused when that is asked for', async () => {
  const told = fileOfKeys(keysText('AKIDone'), { mode: 'production' });
  expect(told.read()).toMatchObject({ first: { warning: null } });
  chmodSync(told.path, 0o640);
  const warning = expect.stringMatching(/`keys.yaml`: mode 0640 lets others in: chmod 600/);
  expect(told.read()).toMatchObject({ first: { warning } });
  expect(told.source.problems).toEqual([]);

  const refused = fileOfKeys(keysText('AKIDone'), { exposed: 'refuse' });
  chmodSync(refused.path, 0o604);
  refused.read();
  expect(refused.source.problems).toEqual([
    'here.path: `keys.yaml`: mode 0604 lets others in: chmod 600, or set `exposed: allow`',
  ]);
});

test('a file that becomes readable by others is refused from then on', async () => {
  const { path, secretId, status } = await keptFile(keysText('AKIDone'), { exposed: 'refuse' });
  writeFileSync(path, keysText('AKIDtwo'));
  chmodSync(path, 0o644);
  await vi.waitFor(() => expect(status()?.problem).toMatch(/mode 0644/), LONG);
  expect(secretId()).toMatch(/AKIDone|AKIDtwo/);
});
