import type { Configuration } from '../../config/load.ts';
import { lookAtDatabase } from '../../store/database.ts';
import { type Finding, fail, ok, warn, wordsOf } from './finding.ts';

const SLOW_MS = 250;

/** Whether the database answers, and whether its tables are those of this program. */
export async function checkDatabase(configuration: Configuration): Promise<Finding> {
  const { databaseUrl: url, stateDirectory } = configuration;
  try {
    const { kind, found } = await lookAtDatabase({ url, stateDirectory });
    if (found === null) return ok('database', 'there is none yet; `slimgate start` makes it');
    const tookMs = Math.ceil(found.roundTripMs);
    const seen = `${kind} answers in ${tookMs} ms`;
    if (tookMs > SLOW_MS) return warn('database', seen, 'put it nearer');
    if (found.missing.length === 0) return ok('database', `${seen}; its tables are up to date`);
    const changes = found.missing.join(', ');
    return ok('database', `${seen}; the next start changes its tables (${changes})`);
  } catch (error) {
    return fail('database', wordsOf(error), 'start it, or correct DATABASE_URL or stateDirectory');
  }
}
