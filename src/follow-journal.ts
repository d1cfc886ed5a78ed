import { join } from 'node:path';
import { type Indexer, startIndexer } from './audit/indexer.ts';
import { type Journal, openJournal } from './audit/journal.ts';
import type { UnknownOutcome } from './audit/resolution.ts';
import { createResolver, type Resolver, type ResolverOptions } from './audit/resolver.ts';
import { unresolvedOutcomes } from './audit/unresolved.ts';
import type { Configuration } from './config/load.ts';
import { openIndexThread } from './index-thread.ts';
import { type AuditRecords, createAuditRecords } from './store/audit-records.ts';
import type { Database } from './store/database.ts';
import { VERSION } from './version.ts';

/** What goes on behind the journal, on no request's way. */
export interface JournalFollowers {
  /** The index in the database, for searches. */
  readonly auditRecords: AuditRecords;
  readonly indexer: Indexer;
  readonly resolver: Resolver;
  /** The changes of unknown outcome that no record resolves, in all of the journal. */
  readonly unresolved: () => Promise<readonly UnknownOutcome[]>;
  /** Begin to resolve what an earlier process has left: to be called when the port is open. */
  readonly resolveEarlier: () => Promise<void>;
}

interface FollowOptions extends Pick<ResolverOptions, 'ask' | 'settleMs'> {
  readonly journal: Journal;
  readonly directory: string;
  readonly database: Database;
  readonly log: Log;
}

/** A log for operators. */
interface Log {
  warn(facts: object, message: string): void;
  info(facts: object, message: string): void;
}

/** What is older is for people to order: starting must not cost more with the years. */
const RESOLVED_SEGMENTS = 8;

export function followJournal(options: FollowOptions): JournalFollowers {
  const { journal, directory, database, log, ask, settleMs } = options;
  const auditRecords = createAuditRecords(database);
  const resolver = createResolver({
    ask,
    settleMs,
    record: (facts) => journal.append(facts),
    onResolved: ({ requestId }, resolution) =>
      log.warn({ requestId, ...resolution }, 'a change of unknown outcome was looked at'),
  });
  return {
    auditRecords,
    resolver,
    indexer: startIndexer({
      lastSeq: () => journal.status().head.seq,
      openThread: (onNews) =>
        openIndexThread({ directory, journal: journal.id, database: database.place }, onNews),
      onStateChange: (index) =>
        log.warn({ index }, 'the audit index has come to a stop or goes on'),
    }),
    unresolved: () => unresolvedOutcomes(directory),
    async resolveEarlier() {
      try {
        const earlier = await unresolvedOutcomes(directory, RESOLVED_SEGMENTS);
        for (const outcome of earlier) resolver.add(outcome);
      } catch (error) {
        log.warn({ err: error }, 'changes of unknown outcome could not be looked for');
      }
    },
  };
}

/** Where a gateway keeps its journal. */
export function journalDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'journal');
}

/**
 * Open the journal of a configuration.
 * @throws ConfigurationError as openJournal
 */
export function openAuditJournal(
  { settings, stateDirectory, auditSigningKey }: Configuration,
  { now, log }: { readonly now: () => Date; readonly log: Log },
): Promise<Journal> {
  return openJournal({
    directory: journalDirectory(stateDirectory),
    settings: settings.audit,
    keyDirectory: stateDirectory,
    signingKey: auditSigningKey,
    now,
    version: VERSION,
    onStateChange: (status) => log.warn({ journal: status }, 'the journal’s state has changed'),
    // The witness that is elsewhere: who has the log can tell when the journal is cut or replaced.
    onCheckpoint: (checkpoint) => log.info({ checkpoint }, 'audit checkpoint'),
  });
}
