import { listOf, type OpenIntent } from './open-intents.ts';

/** What pairing looks at in an intent or a closing. */
export interface PairedRecord {
  readonly kind: 'intent' | 'closing';
  readonly seq: number;
  readonly requestId: string;
  readonly operation: { readonly name: string | null; readonly isDryRun: boolean | null };
  readonly outcome: string | null;
}

/** Follows intents and their closings through a journal. */
export interface Pairing {
  /** Tells what is wrong with the next record as one of a pair; null when nothing is. */
  follow(record: PairedRecord): string | null;
  openIntents(): OpenIntent[];
}

/** Closings that are remembered at least: a second one is found within so many. */
const REMEMBERED = 65_536;
const CLOSED_BEFORE = 'of a request that was closed before';

/**
 * Holds the open intents and the latest closings.
 * @param start the intents that are open where it begins
 */
export function createPairing(start: readonly OpenIntent[] = []): Pairing {
  const open = new Map(start.map(({ requestId, seq }) => [requestId, seq]));
  // Two sets, of which the older one is let go whole: to take the oldest out one by one is slow.
  let [closed, closedEarlier] = [new Set<string>(), new Set<string>()];
  return {
    follow: (record) => (record.kind === 'intent' ? opened(record) : closedBy(record)),
    openIntents: () => listOf(open),
  };

  function opened({ requestId, seq }: PairedRecord): string | null {
    if (wasClosed(requestId)) return CLOSED_BEFORE;
    if (open.has(requestId)) return 'a second intent of one request';
    open.set(requestId, seq);
    return null;
  }

  function closedBy(record: PairedRecord): string | null {
    const { requestId } = record;
    const hadIntent = open.delete(requestId);
    if (!hadIntent && wasClosed(requestId)) return CLOSED_BEFORE;
    if (closed.size >= REMEMBERED) [closed, closedEarlier] = [new Set(), closed];
    closed.add(requestId);
    return hadIntent || !mayHaveChanged(record) ? null : 'a change without an intent';
  }

  function wasClosed(requestId: string): boolean {
    return closed.has(requestId) || closedEarlier.has(requestId);
  }
}

const CHANGES: ReadonlySet<string | null> = new Set([
  'enable',
  'disable',
  'apply-policy',
  'revoke-token',
  'prune-audit',
]);

/** Reads, dry runs and refusals have a closing alone; what may have changed something has both. */
function mayHaveChanged({ operation, outcome }: PairedRecord): boolean {
  const isApplied = outcome === 'applied' || outcome === 'unknown';
  return CHANGES.has(operation.name) && operation.isDryRun !== true && isApplied;
}
