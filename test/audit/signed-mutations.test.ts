import { describe, expect, test } from 'vitest';
import { MUTATIONS } from '../support/journal-mutations.ts';
import { misjudged } from '../support/judge-mutation.ts';
import { times } from '../support/runs.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { signedJournal, testKey } from '../support/signed-journal.ts';

/** `npm run mutate-journal` does ten thousand, in larger journals; the seed makes what is found here come again. */
const RUNS = times(25);
const SEED = 20_250_301;

const SIZE = { segments: 20, recordsPerSegment: 150, within: 60, key: testKey() };
const other = signedJournal({ ...SIZE, journal: 'another-journal' });

describe.each([
  { name: 'that was closed', isKilled: false },
  { name: 'whose process was killed', isKilled: true },
])('in a journal of 3,000 records $name, verification finds', ({ isKilled }) => {
  const base = signedJournal({ ...SIZE, journal: 'a-journal', isKilled });

  test.each(MUTATIONS)('$name', ({ mutate }) => {
    const random = seededRandom(SEED);
    for (let run = 0; run < RUNS; run += 1) {
      const mutation = mutate({ base, other }, random);
      expect([run, misjudged(base, mutation)]).toEqual([run, null]);
    }
  });
});
