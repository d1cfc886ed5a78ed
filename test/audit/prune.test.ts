import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PruneOptions, pruneJournal } from '../../src/audit/prune.ts';
import { signPruneMark } from '../../src/audit/prune-mark.ts';
import { allRecords } from '../../src/audit/reading.ts';
import { openSigningKey } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { journalIn, recordsOf, temporaryDirectory } from '../support/journal.ts';
import { closing, denial, intent, requestFacts } from '../support/journal-facts.ts';
import { testKey } from '../support/signed-journal.ts';
import { SMALL, segmentsOf } from './segmented-journal.ts';
import { noon, timedJournal } from './timed-journal.ts';

async function prunable() {
  const { directory, journal, keys } = await timedJournal();
  await journal.close();
  const whole = await temporaryDirectory();
  await cp(directory, whole, { recursive: true });
  const key = await openSigningKey(directory);
  const prune = (before: Date, other: Partial<PruneOptions> = {}) =>
    pruneJournal({ directory, before, key, keys, now: () => noon(20), ...other });
  return { directory, whole, keys, prune };
}

describe('pruning', () => {
  test('takes out whole segments of older records, and verification accepts its mark', async () => {
    const { directory, keys, prune } = await prunable();
    const before = await segmentsOf(directory);
    const mark = await prune(noon(6));
    const left = await segmentsOf(directory);
    expect(left).toEqual(before.slice(mark?.segments));
    expect(mark?.segments).toBeGreaterThan(1);
    const records = await recordsOf(directory);
    expect(records[0]).toMatchObject({ kind: 'segment-opened', seq: (mark?.seq ?? 0) + 1 });
    expect(Date.parse(String(records[0]?.at))).toBeLessThanOrEqual(noon(6).getTime());
    expect(await verifyJournal(directory, { keys })).toMatchObject({
      isIntact: true,
      pruned: mark,
    });
  });

  test('leaves what is not pruned to be read, by number and all together', async () => {
    const { directory, prune } = await prunable();
    await prune(noon(6));
    const kept = await recordsOf(directory);
    const read: unknown[] = [];
    for await (const { members } of allRecords(directory)) read.push(members);
    expect(read).toEqual(kept);
    expect(kept.length).toBeGreaterThan(1);
  });

  test('can be done again, takes nothing twice, and never the last segment', async () => {
    const { directory, keys, prune } = await prunable();
    const last = (await segmentsOf(directory)).at(-1);
    await prune(noon(4));
    expect(await prune(noon(4))).toBeNull();
    const later = await prune(noon(30));
    // Two where an intent was open between them.
    const left = await segmentsOf(directory);
    expect(left.length).toBeLessThanOrEqual(2);
    expect(left.at(-1)).toBe(last);
    expect(await verifyJournal(directory, { keys })).toMatchObject({
      isIntact: true,
      pruned: later,
    });
  });

  test('leaves a journal that goes on, also when one segment is left', async () => {
    const { directory, keys, prune } = await prunable();
    await prune(noon(30));
    const journal = await journalIn(directory, { settings: SMALL, now: () => noon(21) });
    const request = requestFacts();
    await journal.append(intent(request));
    await journal.append(closing(request));
    await journal.close();
    expect(await verifyJournal(directory, { keys })).toMatchObject({ isIntact: true });
  });

  test('killed before all is gone, its mark accounts for what is left too', async () => {
    const { directory, whole, keys, prune } = await prunable();
    await prune(noon(6));
    const [first = ''] = await segmentsOf(whole);
    await cp(join(whole, first), join(directory, first));
    expect(await verifyJournal(directory, { keys })).toMatchObject({ isIntact: true });
    await journalIn(directory, { settings: SMALL, now: () => noon(21) });
    await prune(noon(6));
    expect(await segmentsOf(directory)).not.toContain(first);
  });

  test('keeps the record of an intent that is still open', async () => {
    const { directory, journal, keys } = await timedJournal();
    await journal.append(intent());
    const open = journal.status().head.seq;
    for (let count = 0; count < 40; count += 1) await journal.append(denial());
    const key = await openSigningKey(directory);
    await pruneJournal({ directory, before: noon(30), key, keys, now: () => noon(30) });
    expect((await recordsOf(directory)).map(({ seq }) => seq)).toContain(open);
  });

  test('signs nothing that it cannot account for', async () => {
    const { directory, prune } = await prunable();
    await expect(prune(noon(6), { keys: testKey().keys })).rejects.toThrow(/key that is not known/);
    for (const name of await segmentsOf(directory)) {
      const path = join(directory, name);
      const content = await readFile(path, 'utf8');
      await writeFile(path, content.replaceAll('"within":', '"within": '));
    }
    await expect(prune(noon(4))).rejects.toThrow(/does not end where the next segment begins/);
  });

  const text = async (directory: string) => readFile(join(directory, 'pruned.json'), 'utf8');
  const marked = (directory: string, content: string) =>
    writeFile(join(directory, 'pruned.json'), content);

  test.each<{ name: string; forge: (directory: string) => Promise<unknown>; problem: RegExp }>([
    {
      name: 'a removed mark',
      forge: (directory) => rm(join(directory, 'pruned.json')),
      problem: /it is missing/,
    },
    {
      name: 'one more segment that is gone',
      forge: async (directory) => rm(join(directory, (await segmentsOf(directory))[0] ?? '')),
      problem: /it is missing/,
    },
    {
      name: 'a mark that names more segments',
      forge: async (directory) => {
        const mark = JSON.parse(await text(directory));
        await rm(join(directory, (await segmentsOf(directory))[0] ?? ''));
        await marked(directory, JSON.stringify({ ...mark, segments: mark.segments + 1 }));
      },
      problem: /a signature that does not hold/,
    },
    {
      name: 'a mark that somebody else has signed',
      forge: async (directory) => {
        const { keyId, signature, ...facts } = JSON.parse(await text(directory));
        await marked(directory, JSON.stringify(signPruneMark(facts, testKey().signing)));
      },
      problem: /signed with a key that is not known/,
    },
    {
      name: 'a mark that cannot be read',
      forge: (directory) => marked(directory, '{}'),
      problem: /not a prune mark/,
    },
  ])('is found where it is not the gateway’s own: $name', async ({ forge, problem }) => {
    const { directory, keys, prune } = await prunable();
    await prune(noon(6));
    await forge(directory);
    const report = await verifyJournal(directory, { keys });
    expect(report.isIntact).toBe(false);
    expect(report.firstBad?.problem).toMatch(problem);
  });
});
