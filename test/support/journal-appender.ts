/**
 * A journal under load in a process of its own, to be killed or starved:
 * `node journal-appender.ts <directory>` prints `seq hash` of each record once its append has
 * resolved, and ends with `rejected` at the first one that is rejected.
 */
import { flushCompileCache } from 'node:module';
import { openJournal } from '../../src/audit/journal.ts';
import { closing, intent, requestFacts } from './journal-facts.ts';
import { SETTINGS } from './journal-settings.ts';

// A killed process leaves no compile cache for the next one unless it is written now.
flushCompileCache();

const directory = process.argv[2] ?? '';
const journal = await openJournal({
  directory,
  keyDirectory: directory,
  settings: { ...SETTINGS, segmentBytes: Number(process.argv[3] ?? SETTINGS.segmentBytes) },
  now: () => new Date(),
  commitTimeoutMs: 15_000,
});
process.stdout.write(`${journal.status().head.seq} ${journal.status().head.hash}\n`);

async function caller(): Promise<void> {
  for (;;) {
    const request = requestFacts();
    for (const record of [intent(request), closing(request)]) {
      const { seq, hash } = await journal.append(record);
      // A pipe is written synchronously: what was said before a kill has been said.
      process.stdout.write(`${seq} ${hash}\n`);
    }
  }
}

await Promise.all(Array.from({ length: 8 }, caller)).catch(() => {
  process.stdout.write('rejected\n', () => process.exit(0));
});
