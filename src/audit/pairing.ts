import { listOf, type OpenIntent } from './open-intents.ts';
import type { AuditRecord } from './record-shape.ts';

/** Follows intents and their closings through a journal. */
export interface Pairing {
  /** Tells what is wrong with the next record as one of a pair; null when nothing is. */
  follow(record: AuditRecord): string | null;
  openIntents(): OpenIntent[];
}

/** Closings that are remembered: a second one is found within so many. */
const MAX_REMEMBERED = 65_536;

/**
 * Holds the open intents and the latest closings.
 * @param start the intents that are open where it begins
 */
export function createPairing(start: readonly OpenIntent[] = []): Pairing {
  const open = new Map(start.map(({ requestId, seq }) => [requestId, seq]));
  const closed = new Set<string>();
  return {
    follow(record) {
      const isPaired = record.kind === 'intent' || record.kind === 'closing';
      if (!isPaired) return null;
      if (closed.has(record.requestId)) return 'of a request that was closed before';
      return record.kind === 'intent' ? opened(record) : closedBy(record);
    },
    openIntents: () => listOf(open),
  };

  function opened({ requestId, seq }: AuditRecord & { kind: 'intent' }): string | null {
    if (open.has(requestId)) return 'a second intent of one request';
    open.set(requestId, seq);
    return null;
  }

  function closedBy(record: AuditRecord & { kind: 'closing' }): string | null {
    remember(closed, record.requestId);
    const hadIntent = open.delete(record.requestId);
    return hadIntent || !mayHaveChanged(record) ? null : 'a change without an intent';
  }
}

/** Reads, dry runs and refusals have a closing alone; what may have changed a bucket has both. */
function mayHaveChanged({ operation, outcome }: AuditRecord & { kind: 'closing' }): boolean {
  const isMutation = operation.name === 'enable' || operation.name === 'disable';
  const isApplied = outcome === 'applied' || outcome === 'unknown';
  return isMutation && operation.isDryRun !== true && isApplied;
}

function remember(requestIds: Set<string>, requestId: string): void {
  requestIds.add(requestId);
  const [oldest] = requestIds;
  if (requestIds.size > MAX_REMEMBERED && oldest !== undefined) requestIds.delete(oldest);
}
