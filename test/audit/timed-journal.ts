import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePublicKeys } from '../../src/audit/signing-key.ts';
import { journalIn, temporaryDirectory } from '../support/journal.ts';
import { closing, intent, requestFacts } from '../support/journal-facts.ts';
import { SMALL } from './segmented-journal.ts';

/** Noon of a day of March. */
export const noon = (day: number) => new Date(Date.UTC(2025, 2, day, 12));

/** A journal of some segments: three changes on each of ten days, all closed. */
export async function timedJournal() {
  const directory = await temporaryDirectory();
  let now = noon(1);
  const journal = await journalIn(directory, { settings: SMALL, now: () => now });
  for (let day = 1; day <= 10; day += 1) {
    now = noon(day);
    for (let count = 0; count < 3; count += 1) {
      const request = requestFacts({ receivedAt: now });
      await journal.append(intent(request));
      await journal.append(closing(request));
    }
  }
  const keys = parsePublicKeys(readFileSync(join(directory, 'audit-signing.pub.pem'), 'utf8'));
  return { directory, journal, keys };
}
