import { describe, expect, test } from 'vitest';
import { MUTATIONS } from '../support/journal-mutations.ts';
import { misjudged } from '../support/judge-mutation.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { signedJournal, testKey } from '../support/signed-journal.ts';

/** `npm run mutate-journal` does ten thousand; the seed makes what is found here come again. */
const RUNS = 25;
const SEED = 20_250_301;

const SIZE = { segments: 40, recordsPerSegment: 500, within: 200, key: testKey() };
const other = signedJournal({ ...SIZE, journal: 'another-journal' });

describe.each([
  { name: 'that was closed', isKilled: false },
  { name: 'whose process was killed', isKilled: true },
])('in a journal of 20,000 records $name, verification finds', ({ isKilled }) => {
  const base = signedJournal({ ...SIZE, journal: 'a-journal', isKilled });

  test.each(MUTATIONS)('$name', ({ mutate }) => {
    const random = seededRandom(SEED);
    for (let run = 0; run < RUNS; run += 1) {
      const mutation = mutate({ base, other }, random);
      expect([run, misjudged(base, mutation)]).toEqual([run, null]);
    }
  });
});
