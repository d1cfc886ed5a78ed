import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GENESIS } from '../../src/audit/chain.ts';
import { parseCheckpoint } from '../../src/audit/checkpoint.ts';
import { parsePublicKeys } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { rechained } from '../support/forgery.ts';
import { journalIn, temporaryDirectory } from '../support/journal.ts';
import { denial, NOW, pairs, written } from '../support/journal-facts.ts';
import {
  type SignedJournal,
  signedJournal,
  testKey,
  writeJournal,
} from '../support/signed-journal.ts';

const KEY = testKey();

describe('of a signed journal', () => {
  const SIZE = { key: KEY, segments: 3, recordsPerSegment: 40, within: 10 };
  const journal = signedJournal({ ...SIZE, journal: 'a-journal', isKilled: true });

  async function verified(
    { segments, key }: Pick<SignedJournal, 'segments' | 'key'>,
    options: Parameters<typeof verifyJournal>[1] = { keys: key.keys },
  ) {
    return verifyJournal(
      await writeJournal(await temporaryDirectory(), { segments, key }),
      options,
    );
  }

  test('verification tells how far the last checkpoint reaches', async () => {
    const last = journal.checkpoints.at(-1);
    expect(await verified(journal)).toMatchObject({
      isIntact: true,
      journal: 'a-journal',
      segments: 3,
      checkpoints: journal.checkpoints.length,
      lastCheckpoint: last,
      unsigned: journal.end.seq - (last?.seq ?? 0) - 1,
    });
  });

  test('verification needs the key: with another one the first checkpoint is bad', async () => {
    const [first] = journal.checkpoints;
    const { firstBad } = await verified(journal, { keys: testKey().keys });
    expect(firstBad).toMatchObject({
      seq: (first?.seq ?? 0) + 1,
      problem: `signed with a key that is not known (${KEY.signing.id})`,
    });
  });

  test('verification finds every one-character change of a signature', async () => {
    const [lines = []] = journal.segments;
    const at = lines.findIndex((line) => line.includes('"kind":"checkpoint"'));
    const line = lines[at] ?? '';
    const start = line.indexOf('"signature":"') + '"signature":"'.length;
    for (const offset of [0, 40, 84, 85]) {
      const place = start + offset;
      for (const other of 'AQgwBz_-') {
        if (line[place] === other) continue;
        const changed = line.slice(0, place) + other + line.slice(place + 1);
        const { firstBad } = await verified({ ...journal, segments: [lines.with(at, changed)] });
        expect(firstBad).toMatchObject({ seq: at + 1, problem: 'a signature that does not hold' });
      }
    }
  });

  test('the key may change: with all public keys every checkpoint is verified', async () => {
    const directory = await temporaryDirectory();
    const keys = [testKey(), testKey(), testKey()];
    for (const { pem } of keys) {
      const opened = await journalIn(directory, { signingKey: pem });
      await opened.append(denial());
      await opened.close();
    }
    const all = new Map(keys.flatMap((key) => [...key.keys]));
    expect(await verifyJournal(directory, { keys: all })).toMatchObject({
      isIntact: true,
      lastCheckpoint: { keyId: keys[2]?.signing.id },
    });
    const known = await readFile(join(directory, 'audit-signing.pub.pem'), 'utf8');
    expect(new Set(parsePublicKeys(known).keys())).toEqual(new Set(all.keys()));
    const without = new Map(keys.slice(1).flatMap((key) => [...key.keys]));
    expect((await verifyJournal(directory, { keys: without })).firstBad).toMatchObject({ seq: 3 });
  });

  test('one whose checkpoints were left out is bad where the first was due', async () => {
    const { lines } = rechained(journal.segments[0] ?? [], GENESIS, () => null);
    const stripped = { ...journal, segments: [lines] };
    expect((await verified(stripped)).firstBad).toMatchObject({
      seq: 3,
      problem: expect.stringMatching(/^no checkpoint where one was due/),
    });
  });

  test('one from before there were checkpoints is not believed by who has a key', async () => {
    const { lines } = written(pairs(3));
    expect(await verified({ ...journal, segments: [lines] })).toMatchObject({
      isIntact: false,
      firstBad: { seq: 1, problem: 'no checkpoint vouches for it' },
    });
    expect(await verified({ ...journal, segments: [lines] }, {})).toMatchObject({
      isIntact: true,
      unsigned: 9,
    });
  });

  test('each segment can be missing or damaged, and is named', async () => {
    const stateDirectory = await temporaryDirectory();
    const directory = await writeJournal(stateDirectory, journal);
    for (const [index, { head }] of journal.starts.slice(0, -1).entries()) {
      const name = `segment-0000000${index + 1}.jsonl`;
      const whole = await readFile(join(directory, name));
      await writeFile(join(directory, name), Buffer.concat([Buffer.from(' '), whole]));
      const { firstBad } = await verifyJournal(directory, { keys: KEY.keys });
      expect(firstBad).toMatchObject({ segment: name, line: 1, seq: head.seq + 1 });
      await writeFile(join(directory, name), whole);
    }
    expect(await verifyJournal(directory, { keys: KEY.keys })).toMatchObject({ isIntact: true });
  });

  test('the checkpoints of the operator’s log find a cut and an older copy put back', async () => {
    const log = journal.checkpoints.map((checkpoint) =>
      JSON.stringify({ level: 30, time: 1, checkpoint, msg: 'audit checkpoint' }),
    );
    const witnesses = log.flatMap((line) => {
      const checkpoint = parseCheckpoint(line);
      return checkpoint === null ? [] : [{ kind: 'checkpoint', checkpoint } as const];
    });
    expect(witnesses).toHaveLength(log.length);
    const options = { keys: KEY.keys, witnesses };
    expect(await verified(journal, options)).toMatchObject({
      isIntact: true,
      witnesses: log.map(() => ({ problem: null })),
    });
    const older = { ...journal, segments: journal.segments.slice(0, 2) };
    expect(await verified(older)).toMatchObject({ isIntact: true });
    const report = await verified(older, options);
    const { seq } = journal.starts[2]?.head ?? { seq: 0 };
    expect(report.firstBad).toMatchObject({
      seq: seq + 1,
      problem: 'the journal ends before its known head',
    });
    expect(report.witnesses.at(-1)?.problem).toMatch(/^the journal ends at/);
    expect(report.witnesses[0]).toEqual({ problem: null });
  });

  test('a checkpoint of another journal vouches for nothing, in it or beside it', async () => {
    const other = signedJournal({ ...SIZE, journal: 'another', isKilled: true });
    const [checkpoint] = other.checkpoints;
    if (checkpoint === undefined) throw new Error('a checkpoint is needed');
    const witnesses = [{ kind: 'checkpoint', checkpoint }] as const;
    expect(await verified(journal, { keys: KEY.keys, witnesses })).toMatchObject({
      isIntact: true,
      witnesses: [{ problem: 'of another journal (another)' }],
    });
    const [lines = [], ...rest] = journal.segments;
    const at = lines.findIndex((line) => line.includes('"kind":"checkpoint"'));
    const spliced = lines.with(at, other.segments[0]?.[at] ?? '');
    const { firstBad } = await verified({ ...journal, segments: [spliced, ...rest] });
    expect(firstBad).toMatchObject({ seq: at + 1 });
  });

  test('a checkpoint of the log that is not signed by a known key is told apart', async () => {
    const [checkpoint] = journal.checkpoints;
    if (checkpoint === undefined) throw new Error('a checkpoint is needed');
    const forged = { ...checkpoint, at: new Date(NOW.getTime() + 1).toISOString() };
    const witnesses = [{ kind: 'checkpoint', checkpoint: forged }] as const;
    expect(await verified(journal, { keys: KEY.keys, witnesses })).toMatchObject({
      isIntact: true,
      witnesses: [{ problem: 'a signature that does not hold' }],
    });
  });
});
