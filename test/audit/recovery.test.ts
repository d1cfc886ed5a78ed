import { hash } from 'node:crypto';
import { copyFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { ConfigurationError } from '../../src/errors.ts';
import {
  eventsOf,
  journalIn,
  recordsOf,
  SEGMENT,
  temporaryDirectory,
  writeSegment,
} from '../support/journal.ts';
import {
  closing,
  denial,
  intent,
  NOW,
  requestFacts,
  textOf,
  written,
} from '../support/journal-facts.ts';
import { times } from '../support/runs.ts';
import { COUNT, edited, JOURNAL, withMember } from './forged-journal.ts';

/** Open the journal of a directory, let its opening be recorded, and close it. */
async function reopened(directory: string) {
  const journal = await journalIn(directory);
  await journal.close();
  return journal.recovery;
}

async function tornFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith('torn')).sort();
}

describe('a torn last line', () => {
  const { lines } = written([denial(), { kind: 'refusals-skipped', count: 1, since: NOW }]);
  const whole = Buffer.from(textOf(lines));
  const start = Buffer.byteLength(textOf(lines.slice(0, 1)));
  const name = 'torn-2-20250301T120000000Z.bin';

  test('cut anywhere is set aside, and the journal goes on before it', async () => {
    // Its ends, and every eighth byte; `TEST_RUNS=8` cuts it at each.
    const step = Math.max(1, Math.floor(8 / times(1)));
    const sizes = Array.from({ length: whole.length - start }, (_, index) => start + index).filter(
      (size) => (size - start) % step === 0 || size === start + 1 || size === whole.length - 1,
    );
    const lane = async () => {
      for (let size = sizes.pop(); size !== undefined; size = sizes.pop()) {
        const directory = await temporaryDirectory();
        await writeSegment(directory, whole.subarray(0, size));
        expect(await reopened(directory)).toMatchObject({ records: 1, tailBytes: size - start });
        const report = await verifyJournal(directory);
        expect(report).toMatchObject({ isIntact: true, head: { seq: size === start ? 7 : 8 } });
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
  });

  test.each([
    { name: 'cut', tail: whole.subarray(start, -40) },
    { name: 'whole but for its newline', tail: whole.subarray(start, -1) },
    { name: 'with a newline, but no record', tail: Buffer.from('{"v":1,"seq":2,\u0000\u0000}\n') },
    { name: 'of zeros, as a file that grew before its bytes came', tail: Buffer.alloc(9_000) },
    { name: 'longer than any record', tail: Buffer.alloc(1_000_000, 'x') },
    { name: 'of bytes that are no text', tail: Buffer.from('ff00fe0a', 'hex') },
  ])(
    'that is $name is kept byte for byte, with its length and digest recorded',
    async ({ tail }) => {
      const directory = await temporaryDirectory();
      await writeSegment(directory, Buffer.concat([whole.subarray(0, start), tail]));
      await reopened(directory);
      expect(await readFile(join(directory, name))).toEqual(tail);
      expect(await eventsOf(directory)).toMatchObject([
        { kind: 'closing' },
        { kind: 'journal-opened', records: 1, tailBytes: tail.length },
        { kind: 'tail-set-aside', file: name, bytes: tail.length, sha256: hash('sha256', tail) },
        { kind: 'journal-closed' },
      ]);
    },
  );

  test.each([
    { name: 'copied, but not cut off yet', content: whole.subarray(0, -5), torn: [name] },
    { name: 'cut off, but not recorded yet', content: whole.subarray(0, start), torn: [name] },
    { name: 'half copied', content: whole.subarray(0, -5), torn: ['torn.unfinished'] },
  ])('is recorded once when a kill found it $name', async ({ content, torn }) => {
    const directory = await temporaryDirectory();
    await writeSegment(directory, content);
    for (const file of torn) await writeFile(join(directory, file), whole.subarray(start, -5));
    await reopened(directory);
    await reopened(directory);
    expect(await tornFiles(directory)).toEqual([name]);
    const records = await recordsOf(directory);
    expect(records.filter(({ kind }) => kind === 'tail-set-aside')).toHaveLength(1);
    expect((await verifyJournal(directory)).isIntact).toBe(true);
  });
});

describe('a damaged journal is not opened and not touched:', () => {
  test.each([
    {
      name: 'a record in the middle was edited',
      content: edited(5, (line) => withMember(line, 'method', 'DELETE')),
      problem: 'line 6, record 6: a broken link',
    },
    {
      name: 'the last record but one was edited',
      content: edited(COUNT - 1, (line) => withMember(line, 'status', 299)),
      problem: `line ${COUNT}, record ${COUNT}: a broken link`,
    },
    {
      name: 'a record is missing',
      content: textOf(JOURNAL.lines.toSpliced(3, 1)),
      problem: 'line 4, record 4: not the next sequence number',
    },
    {
      name: 'a line in the middle is no record',
      content: textOf(JOURNAL.lines.toSpliced(3, 0, 'x')),
      problem: 'line 4, record 4: not a record',
    },
    {
      name: 'a line in the middle is cut',
      content: edited(4, (line) => line.slice(0, 50)),
      problem: 'line 4, record 4: not a record',
    },
    {
      name: 'two lines at the end are no records',
      content: `${textOf(JOURNAL.lines)}x\ny`,
      problem: `line ${COUNT + 1}, record ${COUNT + 1}: not a record`,
    },
  ])('$name', async ({ content, problem }) => {
    const directory = await temporaryDirectory();
    await writeSegment(directory, content);
    const opened = journalIn(directory);
    await expect(opened).rejects.toThrow(ConfigurationError);
    await expect(opened).rejects.toThrow(`${SEGMENT}: ${problem}`);
    expect(await readFile(join(directory, SEGMENT), 'utf8')).toBe(content);
    expect(await tornFiles(directory)).toEqual([]);
  });

  test.each<{ name: string; damage: (path: string) => Promise<unknown> }>([
    { name: 'the segment of a journal in use is missing', damage: rm },
    { name: 'the segment of a journal in use is empty', damage: truncate },
    {
      name: 'there is a segment that this program does not make',
      damage: (path) => copyFile(path, path.replace('1.jsonl', '2.jsonl')),
    },
  ])('$name', async ({ damage }) => {
    const directory = await temporaryDirectory();
    await reopened(directory);
    await damage(join(directory, SEGMENT));
    const before = await readdir(directory);
    await expect(journalIn(directory)).rejects.toThrow(ConfigurationError);
    expect(await readdir(directory)).toEqual(before);
  });
});

describe('an open intent', () => {
  test('is closed once, as unknown, with the facts of its request', async () => {
    const directory = await temporaryDirectory();
    const [open, closed] = [requestFacts(), requestFacts()];
    await writeSegment(
      directory,
      textOf(written([intent(open), intent(closed), closing(closed), denial()]).lines),
    );
    expect(await reopened(directory)).toEqual({
      records: 4,
      tailBytes: 0,
      openIntents: [open.requestId],
    });
    expect((await reopened(directory)).openIntents).toEqual([]);
    const records = await recordsOf(directory);
    const { seq, previous, at, ...facts } = records[0] ?? {};
    expect(records.filter(({ requestId }) => requestId === open.requestId).slice(1)).toEqual([
      {
        ...facts,
        seq: 6,
        previous: expect.any(String),
        at: NOW.toISOString(),
        kind: 'closing',
        outcome: 'unknown',
        code: 'recovered',
      },
    ]);
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, openIntents: [] });
  });

  test('is closed once however often recovery itself is killed, at any byte it has written', async () => {
    const requests = [requestFacts(), requestFacts(), requestFacts()];
    const crashed = `${textOf(written(requests.map(intent)).lines)}{"v":1,"se`;
    const whole = await temporaryDirectory();
    await writeSegment(whole, crashed);
    await reopened(whole);
    const recovered = await readFile(join(whole, SEGMENT));
    const [torn = ''] = await tornFiles(whole);
    const start = crashed.lastIndexOf('\n') + 1;
    for (let size = start; size < recovered.length; size += 197) {
      const directory = await temporaryDirectory();
      await writeSegment(directory, recovered.subarray(0, size));
      await copyFile(join(whole, torn), join(directory, torn));
      await reopened(directory);
      expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, openIntents: [] });
      const closings = (await recordsOf(directory)).filter(({ kind }) => kind === 'closing');
      expect(closings.map(({ requestId }) => requestId).sort()).toEqual(
        requests.map(({ requestId }) => requestId).sort(),
      );
    }
  });

  test('among thousands is closed like the others', async () => {
    const directory = await temporaryDirectory();
    const requests = Array.from({ length: 1_500 }, () => requestFacts());
    await writeSegment(directory, textOf(written(requests.map(intent)).lines));
    expect((await reopened(directory)).openIntents).toHaveLength(1_500);
    const closings = (await recordsOf(directory)).filter(({ kind }) => kind === 'closing');
    expect(new Set(closings.map(({ requestId }) => requestId)).size).toBe(1_500);
    expect(closings).toHaveLength(1_500);
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, openIntents: [] });
  });
});
