import { mkdir } from 'node:fs/promises';
import type { JournalPosition } from './chain.ts';
import { GroupCommit, type JournalStatus } from './group-commit.ts';
import { type JournalLock, lockJournal } from './lock.ts';
import { bodyOf, type RecordFacts } from './record.ts';
import { type RecoveredSegment, type RecoveryReport, recoverSegment } from './recovery.ts';
import { type OpenSegmentFile, openSegmentFile, Segment } from './segment.ts';

export type { JournalPosition, JournalStatus, RecordFacts, RecoveryReport };

/** Where and how to keep a journal. */
export interface JournalOptions {
  /** Made when it is not there; belongs to this journal alone. */
  readonly directory: string;
  readonly now: () => Date;
  /** Of the program, for the record of the opening. */
  readonly version?: string;
  /** Called when the journal becomes unavailable or available, or its problem changes. */
  readonly onStateChange?: (status: JournalStatus) => void;
  /** How long `append` may wait, in milliseconds; 1,000 unless given. */
  readonly commitTimeoutMs?: number;
  /** For tests that count or break what is asked of the file. */
  readonly openFile?: OpenSegmentFile;
}

/** The append-only journal: one chain of records, each durable when its `append` resolves. */
export interface Journal {
  /**
   * Record something and wait until it and all before it are durable.
   * @throws GatewayError `audit-unavailable` when that cannot be had in time. An intent is then
   * given up, unless its commit is late and succeeds later; any other record is held as a note.
   */
  append(record: RecordFacts): Promise<JournalPosition>;
  /**
   * Record something, in the same order, without waiting for it: reads, denials, closings. Never
   * throws; notes are held through an outage as long as there is room, and counted when lost.
   */
  note(record: RecordFacts): void;
  status(): JournalStatus;
  readonly recovery: RecoveryReport;
  /** Write what waits and the record of the closing, then let go of the directory. */
  close(): Promise<void>;
}

const COMMIT_TIMEOUT_MS = 1_000;
/** Records of the opening that are written at once. */
const DUE_AT_ONCE = 512;

/**
 * Open a journal for writing: take its lock, verify the whole chain, set a torn tail aside, close
 * open intents as `unknown`, record the opening.
 * @throws ConfigurationError when it is damaged or another process writes it
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { directory, now, version = null } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = await lockJournal(directory);
  try {
    const recovered = await recoverSegment({ directory, version, now });
    const commit = await startCommit(options, recovered);
    await lock.sign(now());
    return journalOf(commit, lock, recovered.report);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Records what is due before the first request can be. */
async function startCommit(
  options: JournalOptions,
  { path, size, head, due }: RecoveredSegment,
): Promise<GroupCommit> {
  const { now, onStateChange = () => undefined, commitTimeoutMs = COMMIT_TIMEOUT_MS } = options;
  const segment = await Segment.open({ path, size, openFile: options.openFile ?? openSegmentFile });
  const commit = new GroupCommit({ segment, head, now, onStateChange, commitTimeoutMs });
  try {
    for (let from = 0; from < due.length; from += DUE_AT_ONCE) {
      const some = due.slice(from, from + DUE_AT_ONCE);
      await Promise.all(some.map((body) => commit.append(body)));
    }
  } catch (error) {
    await commit.close();
    throw error;
  }
  return commit;
}

function journalOf(commit: GroupCommit, lock: JournalLock, recovery: RecoveryReport): Journal {
  let closing: Promise<void> | null = null;
  return {
    recovery,
    append: async (record) => commit.append(bodyOf(record)),
    note(record) {
      try {
        commit.note(bodyOf(record));
      } catch {
        commit.countLost();
      }
    },
    status: () => commit.status(),
    close() {
      closing ??= commit.close().finally(() => lock.release());
      return closing;
    },
  };
}
