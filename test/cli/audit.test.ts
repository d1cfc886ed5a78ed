import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signReceipts } from '../../src/audit/receipt.ts';
import { temporaryDirectory, until } from '../support/journal.ts';
import {
  type SignedJournal,
  signedJournal,
  testKey,
  writeJournal,
} from '../support/signed-journal.ts';
import { cli, spawnCli, spawnedCli } from './running-cli.ts';

const KEY = testKey();
const SIZE = { key: KEY, segments: 3, recordsPerSegment: 20, within: 10, isKilled: true };
const JOURNAL = signedJournal({ ...SIZE, journal: 'a-journal' });
const LINES = JOURNAL.segments.flat();
const CLOSING = LINES.map((line) => JSON.parse(line)).find(({ kind }) => kind === 'closing');

async function audited(journal: Pick<SignedJournal, 'segments' | 'key'> = JOURNAL) {
  const directory = await temporaryDirectory();
  return { directory, journal: await writeJournal(directory, journal) };
}

test('verify proves a journal by the public key beside it', async () => {
  const { directory, journal } = await audited();
  const { code, stdout, stderr } = await cli(directory, 'audit', 'verify', '--journal', journal);
  const last = JOURNAL.checkpoints.at(-1);
  const unsigned = JOURNAL.end.seq - (last?.seq ?? 0) - 1;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').slice(0, 4)).toEqual([
    `intact: ${LINES.length} records, 3 segments, journal a-journal`,
    `signed: ${JOURNAL.checkpoints.length} checkpoints; the last, of ${last?.at} with key ${KEY.signing.id}, vouches for records 1 to ${last?.seq}`,
    `${unsigned} records after the last checkpoint are vouched for by the chain alone`,
    `head: ${JOURNAL.end.seq}:${JOURNAL.end.hash}`,
  ]);
});

test('verify names the first bad place and exits with 1', async () => {
  const [first = [], second = [], ...rest] = JOURNAL.segments;
  const edited = second.with(4, (second[4] ?? '').replace('photos', 'reports'));
  const { directory, journal } = await audited({ ...JOURNAL, segments: [first, edited, ...rest] });
  const { code, stdout } = await spawnedCli(directory, 'audit', 'verify', '--journal', journal);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^DAMAGED after \d+ good records\nfirst bad place: segment-00000002.jsonl/,
  );
  expect(stdout).toContain(`line 5, record ${first.length + 5}: not the record that the next one`);
});

test('verify without a key, with a wrong key, and with several', async () => {
  const { directory, journal } = await audited();
  const verify = (...more: string[]) =>
    cli(directory, 'audit', 'verify', '--journal', journal, ...more);
  writeFileSync(join(directory, 'other.pem'), testKey().publicPem);
  const missing = await verify('--key', 'nowhere.pem');
  expect(missing.code).toBe(3);
  expect(missing.stderr).toMatch(/nowhere\.pem.*\n.*give one with --key/);
  const wrong = await verify('--key', 'other.pem');
  expect([wrong.code, wrong.stdout]).toEqual([
    1,
    expect.stringContaining('a key that is not known'),
  ]);
  const both = await verify('--key', 'other.pem', 'audit-signing.pub.pem');
  expect(both.code).toBe(0);
});

test('verify takes receipts and the operator’s log as witnesses', async () => {
  const { directory, journal } = await audited();
  const { seq, requestId } = CLOSING;
  const hash = JSON.parse(LINES[seq] ?? '{}').previous;
  const facts = { journal: 'a-journal', seq, hash, requestId, at: '2025-03-01T12:00:00.000Z' };
  const [receipt = ''] = signReceipts([facts], KEY.signing);
  const log = JOURNAL.checkpoints.map((checkpoint) => JSON.stringify({ level: 30, checkpoint }));
  writeFileSync(join(directory, 'receipts.txt'), `${receipt}\n${receipt.slice(0, -3)}AAA\n`);
  writeFileSync(join(directory, 'log.txt'), `not JSON\n{"level":30}\n${log.join('\n')}\n`);

  const args = ['audit', 'verify', '--journal', journal, '--checkpoint', 'log.txt'];
  const good = await cli(directory, ...args);
  expect([good.code, good.stdout]).toEqual([
    0,
    expect.stringContaining(`checkpoints from elsewhere: ${log.length} of ${log.length} stand`),
  ]);
  const mixed = await cli(directory, ...args, '--receipt', 'receipts.txt');
  expect(mixed.code).toBe(1);
  expect(mixed.stdout).toMatch(
    /^intact[\s\S]*receipt: stands\nreceipt: DOES NOT STAND: a signature that does not hold\n$/,
  );

  const cut = { ...JOURNAL, segments: JOURNAL.segments.slice(0, 2) };
  const older = await audited(cut);
  writeFileSync(join(older.directory, 'log.txt'), readFileSync(join(directory, 'log.txt')));
  const alone = await cli(older.directory, 'audit', 'verify', '--journal', older.journal);
  expect(alone.code).toBe(0);
  const witnessed = await cli(
    older.directory,
    ...['audit', 'verify', '--journal', older.journal, '--checkpoint', 'log.txt'],
  );
  expect(witnessed.code).toBe(1);
  expect(witnessed.stdout).toMatch(/DAMAGED[\s\S]*the journal ends before its known head/);
});

test('tail prints the last records in plain lines, or as they stand there', async () => {
  const { directory, journal } = await audited();
  const tail = (...more: string[]) =>
    cli(directory, 'audit', 'tail', '--journal', journal, ...more);
  const plain = await tail('-n', '30');
  expect(plain.stdout.trim().split('\n')).toHaveLength(30);
  expect(plain.stdout).toMatch(
    / {2}closing {2}photos enable ap-shanghai examplebucket-1250000000 /,
  );
  const json = await tail('--json', '-n', '30');
  expect(json.stdout).toBe(
    LINES.slice(-30)
      .map((line) => `${line}\n`)
      .join(''),
  );
  expect((await tail('-n', '0')).stdout).toBe('');
});

test('tail goes on with what comes, into the next segment too', async () => {
  const [first = [], second = [], third = []] = JOURNAL.segments;
  const { directory, journal } = await audited({
    ...JOURNAL,
    segments: [first, second.slice(0, -2)],
  });
  const args = ['audit', 'tail', '--journal', journal, '-n', '1', '--json', '--follow'];
  const child = spawnCli(directory, args);
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  await until(() => stdout === text(second.slice(-3, -2)));
  const segment = join(journal, 'segment-00000002.jsonl');
  appendFileSync(segment, text(second.slice(-2)).slice(0, -10));
  await until(() => stdout === text(second.slice(-3, -1)));
  appendFileSync(segment, text(second.slice(-2)).slice(-10));
  writeFileSync(join(journal, 'segment-00000003.jsonl'), text(third));
  await until(() => stdout === text([...second.slice(-3), ...third]));
  child.kill('SIGTERM');
});

test('show prints every record of a request', async () => {
  const { directory, journal } = await audited();
  const show = (...more: string[]) =>
    cli(directory, 'audit', 'show', '--journal', journal, ...more);
  const { requestId } = CLOSING;
  const plain = await show(requestId);
  expect(plain.code).toBe(0);
  expect(plain.stdout).toMatch(/kind: intent[\s\S]*kind: closing[\s\S]*outcome: applied/);
  const json = await show('--json', requestId);
  expect(json.stdout).toBe(
    LINES.filter((line) => line.includes(requestId))
      .map((line) => `${line}\n`)
      .join(''),
  );
  const none = await show('nothing');
  expect([none.code, none.stdout]).toEqual([1, '']);
  expect(none.stderr).toMatch(/no record of request "nothing"/);
});

test('nothing that stands in a record moves a terminal’s cursor', async () => {
  const text = '\\u001b[2J\\u202e';
  const lines = LINES.map((line) => line.replace('"path":"', `"path":"${text}`));
  const { directory, journal } = await audited({ ...JOURNAL, segments: [lines] });
  const { requestId } = CLOSING;
  const shown = await cli(directory, 'audit', 'show', '--journal', journal, requestId);
  expect(shown.stdout).toContain(`path: ${text}`);
  expect(shown.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
});
