import {
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSegmentFile } from '../../src/audit/segment.ts';
import { SegmentSeries } from '../../src/audit/segment-series.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { ConfigurationError } from '../../src/errors.ts';
import { faultyFile, journalIn, SEGMENT, temporaryDirectory, until } from '../support/journal.ts';
import { denial, intent, NOW } from '../support/journal-facts.ts';
import { SETTINGS } from '../support/journal-settings.ts';
import { SECOND, SMALL, segmentsOf } from './segmented-journal.ts';

describe('a kill while a segment is begun', () => {
  async function segmentedOnce(): Promise<string> {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory, { settings: SMALL });
    while ((await segmentsOf(directory)).length < 2) await journal.append(denial());
    const copy = await temporaryDirectory();
    await cp(directory, copy, { recursive: true });
    return copy;
  }

  test.each<{ name: string; leave: (directory: string) => Promise<unknown> }>([
    { name: 'before it is there', leave: (directory) => rm(join(directory, SECOND)) },
    {
      name: 'while it is written',
      leave: async (directory) => {
        const whole = await readFile(join(directory, SECOND));
        await rm(join(directory, SECOND));
        await writeFile(join(directory, 'segment.unfinished'), whole.subarray(0, 40));
      },
    },
    { name: 'once it is there', leave: async () => undefined },
    {
      name: 'while its second record is written',
      leave: (directory) => writeFile(join(directory, SECOND), '{"v":1,"se', { flag: 'a' }),
    },
  ])('$name leaves a journal that goes on', async ({ leave }) => {
    const directory = await segmentedOnce();
    await leave(directory);
    const journal = await journalIn(directory, { settings: SMALL });
    while ((await segmentsOf(directory)).length < 3) await journal.append(denial());
    await journal.close();
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, openIntents: [] });
    expect(await readdir(directory)).not.toContain('segment.unfinished');
  });

  test('leaves no segment without its first record: such a one is damage', async () => {
    const directory = await segmentedOnce();
    const header = (await readFile(join(directory, SECOND))).indexOf('\n');
    for (const length of [0, 1, header - 1, header]) {
      const damaged = await temporaryDirectory();
      await cp(directory, damaged, { recursive: true });
      await truncate(join(damaged, SECOND), length);
      await expect(journalIn(damaged)).rejects.toThrow(ConfigurationError);
      expect((await stat(join(damaged, SECOND))).size).toBe(length);
    }
  });
});

describe('a segment that cannot be begun', () => {
  test('is no reason to refuse records: the last one goes on, and a later attempt succeeds', async () => {
    const directory = await temporaryDirectory();
    let seconds = 0;
    const warnings: (string | null)[] = [];
    const journal = await journalIn(directory, {
      settings: SMALL,
      now: () => new Date(NOW.getTime() + seconds * 1000),
      onStateChange: ({ warning }) => warnings.push(warning),
    });
    await mkdir(join(directory, SECOND));
    for (let count = 0; count < 30; count += 1) await journal.append(denial());
    expect(journal.status()).toMatchObject({ isWritable: true, warning: /a file stands in/ });
    await rmdir(join(directory, SECOND));
    await journal.append(denial());
    expect(await segmentsOf(directory)).toEqual([SEGMENT]);
    seconds = 10;
    await journal.append(denial());
    await until(() => warnings.length > 1);
    expect(warnings).toEqual([expect.stringMatching(/could not be begun/), null]);
    await journal.close();
    expect(await segmentsOf(directory)).toEqual([SEGMENT, SECOND]);
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true });
  });

  test('because the process has no file left leaves the last one open', async () => {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory, {
      settings: SMALL,
      openFile: (path) =>
        path.endsWith('.unfinished') ? Promise.reject(new Error('EMFILE')) : openSegmentFile(path),
    });
    for (let count = 0; count < 20; count += 1) await journal.append(denial());
    expect(journal.status()).toMatchObject({ isWritable: true, warning: /EMFILE/ });
    await journal.close();
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true });
  });

  test('durably, because its directory cannot be synced, is settled before anything is written', async () => {
    const directory = await temporaryDirectory();
    await (await journalIn(directory)).close();
    const { size } = await stat(join(directory, SEGMENT));
    const series = await SegmentSeries.open({
      directory,
      last: { number: 1, size, openedAt: NOW },
      openFile: openSegmentFile,
      ...SETTINGS,
    });
    const line = Buffer.from('a first line\n');
    await series.begin(line, NOW);
    await rename(directory, `${directory}.moved`);
    await expect(series.settle()).rejects.toThrow('ENOENT');
    await expect(series.restore()).rejects.toThrow('ENOENT');
    await rename(`${directory}.moved`, directory);
    await series.restore();
    await series.append(Buffer.from('a second line\n'));
    await series.close();
    expect(await readFile(join(directory, SECOND), 'utf8')).toBe('a first line\na second line\n');
  });

  test('or the failure of a sync in the new one, loses nothing', async () => {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(directory, { settings: SMALL, openFile });
    while ((await segmentsOf(directory)).length < 2) await journal.append(denial());
    faults.afterWrite = () => {
      throw new Error('EIO');
    };
    await expect(journal.append(intent())).rejects.toMatchObject({ code: 'audit-unavailable' });
    faults.afterWrite = () => undefined;
    await until(() => journal.status().isWritable);
    await journal.append(denial());
    await journal.close();
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, openIntents: [] });
  });
});
