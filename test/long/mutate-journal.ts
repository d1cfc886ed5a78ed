import { parseArgs } from 'node:util';
import { MUTATIONS } from '../support/journal-mutations.ts';
import { misjudged } from '../support/judge-mutation.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { signedJournal, testKey } from '../support/signed-journal.ts';

/**
 * `npm run mutate-journal -- --mutations 10000 --seed 1`: mutate a journal of 100,000 records again
 * and again, and tell how many mutations verification finds at the right place.
 */
const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const size = { segments: 40, recordsPerSegment: 2_500, within: 1_000, key: testKey() };
const other = signedJournal({ ...size, journal: 'another-journal' });
const bases = [false, true].map((isKilled) =>
  signedJournal({ ...size, journal: 'a-journal', isKilled }),
);
const random = seededRandom(Number(values.seed));
const found: Record<string, { mutations: number; misjudged: string[] }> = {};
for (let count = 0; count < Number(values.mutations); count += 1) {
  const row = MUTATIONS[count % MUTATIONS.length];
  const base = bases[random(bases.length)];
  if (row === undefined || base === undefined) throw new Error('there are mutations and journals');
  found[row.name] ??= { mutations: 0, misjudged: [] };
  const problem = misjudged(base, row.mutate({ base, other }, random));
  found[row.name]?.misjudged.push(...(problem === null ? [] : [`${count}: ${problem}`]));
  const entry = found[row.name];
  if (entry) entry.mutations += 1;
}
process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
process.exitCode = Object.values(found).every(({ misjudged: list }) => list.length === 0) ? 0 : 1;
