import { RevocationList, type RevocationListOptions } from './identity/revocation-list.ts';
import type { Database } from './store/database.ts';
import { revocations } from './store/revocations.ts';

/** Beyond, no token is taken. */
const STALENESS = { maxStaleMs: 5_000, refuseWhenStale: true };

/** Read what is revoked, and follow its changes in the database. */
export function openRevocationList(
  database: Database,
  options: Pick<RevocationListOptions, 'now' | 'elapsedMs' | 'onChange'>,
): Promise<RevocationList> {
  return RevocationList.open({ ...options, store: revocations(database), settings: STALENESS });
}
