import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { journalIn, SEGMENT, temporaryDirectory } from '../support/journal.ts';
import { denial } from '../support/journal-facts.ts';
import { JOURNAL } from './forged-journal.ts';
import { SECOND, SMALL, segmented, segmentsOf } from './segmented-journal.ts';

describe('opening a journal of many segments', () => {
  test('reads the last one alone: what is wrong with earlier ones is for verification', async () => {
    const directory = await temporaryDirectory();
    await segmented(directory, 60);
    const path = join(directory, SECOND);
    const whole = await readFile(path);
    await writeFile(path, Buffer.alloc(whole.length, 'x'));
    const journal = await journalIn(directory, { settings: SMALL });
    expect(journal.recovery.openIntents).toEqual([]);
    await journal.close();
    expect((await verifyJournal(directory)).firstBad).toMatchObject({ segment: SECOND, line: 1 });
  });

  test.each<{ name: string; damage: (directory: string) => Promise<unknown> }>([
    { name: 'without one in the middle', damage: (directory) => rm(join(directory, SECOND)) },
    { name: 'without the first', damage: (directory) => rm(join(directory, SEGMENT)) },
    {
      name: 'whose last but one does not end in the checkpoint that the last one continues',
      damage: async (directory) => {
        const [before = ''] = (await segmentsOf(directory)).slice(-2);
        const text = await readFile(join(directory, before), 'utf8');
        await writeFile(
          join(directory, before),
          text.split('\n').slice(0, -2).join('\n').concat('\n'),
        );
      },
    },
    {
      name: 'whose last one lost its first record',
      damage: async (directory) => {
        const last = (await segmentsOf(directory)).at(-1) ?? '';
        const text = await readFile(join(directory, last), 'utf8');
        await writeFile(join(directory, last), text.slice(text.indexOf('\n') + 1));
      },
    },
  ])('$name is refused', async ({ damage }) => {
    const directory = await temporaryDirectory();
    await segmented(directory, 60);
    await damage(directory);
    await expect(journalIn(directory)).rejects.toThrow(/is damaged and left as it is/);
  });

  test('goes on with a journal from before segments had a first record', async () => {
    const directory = await temporaryDirectory();
    await segmented(directory, 0);
    const { lines } = JOURNAL;
    await writeFile(join(directory, SEGMENT), lines.map((line) => `${line}\n`).join(''));
    const journal = await journalIn(directory);
    await journal.append(denial());
    await journal.close();
    expect(await segmentsOf(directory)).toEqual([SEGMENT, SECOND]);
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true });
  });
});
