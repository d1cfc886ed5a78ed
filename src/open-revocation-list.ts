import { RevocationList, type RevocationListOptions } from './identity/revocation-list.ts';
import type { Database } from './store/database.ts';
import { revocations } from './store/revocations.ts';

/** Read what is revoked, and follow its changes in the database. */
export function openRevocationList(
  database: Database,
  options: Omit<RevocationListOptions, 'store'>,
): Promise<RevocationList> {
  return RevocationList.open({ ...options, store: revocations(database) });
}
