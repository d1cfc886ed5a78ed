import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secret } from '../secret.ts';
import type { JournalPosition } from './chain.ts';
import { ChainWriter, type ChainWriterOptions } from './chain-writer.ts';
import type { Checkpoint } from './checkpoint.ts';
import { GroupCommit, type JournalStatus } from './group-commit.ts';
import { type JournalLock, lockJournal } from './lock.ts';
import { pruneJournal } from './prune.ts';
import type { PruneMark } from './prune-mark.ts';
import { createReceiptDesk } from './receipt-desk.ts';
import type { RecordFacts } from './record.ts';
import { createRecordWriter, recordText } from './record-text.ts';
import { type RecoveredJournal, type RecoveryReport, recoverJournal } from './recovery.ts';
import { type OpenSegmentFile, openSegmentFile } from './segment.ts';
import { type RotationSettings, SegmentSeries } from './segment-series.ts';
import {
  openSigningKey,
  PUBLIC_KEY_FILE,
  parsePublicKeys,
  type SigningKey,
} from './signing-key.ts';

export type { Checkpoint, JournalPosition, JournalStatus, RecordFacts, RecoveryReport };

/** When segments end, and how many records or seconds may be without a checkpoint. */
export interface JournalSettings extends RotationSettings {
  readonly checkpointRecords: number;
  readonly checkpointSeconds: number;
}

/** Where and how to keep a journal. */
export interface JournalOptions {
  /** Made when it is not there; belongs to this journal alone. */
  readonly directory: string;
  readonly settings: JournalSettings;
  /** Where the signing key is made unless one is given, and the public keys are kept. */
  readonly keyDirectory: string;
  /** An Ed25519 private key in PEM. */
  readonly signingKey?: Secret | undefined;
  readonly now: () => Date;
  /** Of the program, for the record of the opening. */
  readonly version?: string;
  /** Called when the journal becomes unavailable or available, or its problem changes. */
  readonly onStateChange?: (status: JournalStatus) => void;
  /** Called with each checkpoint once it is durable: to be noted down elsewhere. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** How long `append` may wait, in milliseconds; 1,000 unless given. */
  readonly commitTimeoutMs?: number;
  /** For tests that count or break what is asked of the file. */
  readonly openFile?: OpenSegmentFile;
}

/** The append-only journal: one chain of records, each durable when its `append` resolves. */
export interface Journal {
  /** Stands in the first record of each segment and in all that is signed. */
  readonly id: string;
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
  /** A signed statement that the closing of a request stands at a place; costs no write. */
  receipt(position: JournalPosition, requestId: string): Promise<string>;
  /**
   * Take out the whole segments whose records are all older than a moment, never the one in use, and
   * leave a signed mark in their place; one such call at a time.
   * @returns the mark, or null when there is nothing to take out
   * @throws ConfigurationError as pruneJournal: then nothing is touched
   */
  prune(before: Date): Promise<PruneMark | null>;
  status(): JournalStatus;
  readonly recovery: RecoveryReport;
  /** Write what waits and the record of the closing, then let go of the directory. */
  close(): Promise<void>;
}

const COMMIT_TIMEOUT_MS = 1_000;
/** Records of the opening that are written at once. */
const DUE_AT_ONCE = 512;

/**
 * Open a journal for writing: take its lock, verify its last segment, set a torn tail aside, close
 * open intents as `unknown`, record the opening, sign it.
 * @throws ConfigurationError when it is damaged, its key is not fit or another process writes it
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { directory, keyDirectory, signingKey, now, version = null } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = await lockJournal(directory);
  try {
    const key = await openSigningKey(keyDirectory, signingKey);
    const { checkpointRecords } = options.settings;
    const recovered = await recoverJournal({ directory, version, now, key, checkpointRecords });
    const { journal } = recovered.state;
    const desk = createReceiptDesk({ journal, key, now });
    const writer = await chainWriterOf({ ...options, onSealed: desk.prepare }, key, recovered);
    const commit = await startCommit(options, writer, recovered);
    await lock.sign(now());
    const { receipt } = desk;
    const prune = pruneIn({ directory, keyDirectory, key, now });
    return journalOf({ id: journal, commit, lock, recovery: recovered.report, receipt, prune });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Prune with the journal's own key, by the public keys that were ever its own. */
function pruneIn(parts: {
  readonly directory: string;
  readonly keyDirectory: string;
  readonly key: SigningKey;
  readonly now: () => Date;
}): Journal['prune'] {
  const { keyDirectory, ...place } = parts;
  let pruning: Promise<unknown> = Promise.resolve();
  return (before) => {
    const next = pruning.then(async () => {
      const keys = parsePublicKeys(await readFile(join(keyDirectory, PUBLIC_KEY_FILE), 'utf8'));
      return pruneJournal({ ...place, before, keys });
    });
    pruning = next.catch(() => undefined);
    return next;
  };
}

type WriterOptions = JournalOptions & Pick<ChainWriterOptions, 'onSealed'>;

async function chainWriterOf(
  { directory, settings, now, onSealed, onCheckpoint = () => undefined, ...options }: WriterOptions,
  key: SigningKey,
  { last, state, openIntents, isOfOldForm, checkpoints }: RecoveredJournal,
): Promise<ChainWriter> {
  const openFile = options.openFile ?? openSegmentFile;
  const { segmentBytes, segmentHours, checkpointRecords } = settings;
  const rotation = { segmentBytes, segmentHours };
  const segments = await SegmentSeries.open({ directory, last, openFile, ...rotation });
  checkpoints.forEach(onCheckpoint);
  const sealing = { key, now, checkpointRecords };
  const heard = { onSealed, onCheckpoint };
  return new ChainWriter({ ...sealing, ...heard, segments, state, openIntents, isOfOldForm });
}

/** Records what is due before the first request can be. */
async function startCommit(
  options: JournalOptions,
  writer: ChainWriter,
  { due }: RecoveredJournal,
): Promise<GroupCommit> {
  const { now, onStateChange = () => undefined, commitTimeoutMs = COMMIT_TIMEOUT_MS } = options;
  const { checkpointSeconds } = options.settings;
  const commit = new GroupCommit({
    writer,
    checkpointSeconds,
    now,
    onStateChange,
    commitTimeoutMs,
  });
  try {
    for (let from = 0; from < due.length; from += DUE_AT_ONCE) {
      const some = due.slice(from, from + DUE_AT_ONCE);
      await Promise.all(some.map((body) => commit.append(recordText(body))));
    }
    if (due.length > 0) await commit.checkpoint();
  } catch (error) {
    await commit.close();
    throw error;
  }
  return commit;
}

function journalOf(parts: {
  readonly id: string;
  readonly commit: GroupCommit;
  readonly lock: JournalLock;
  readonly recovery: RecoveryReport;
  readonly receipt: Journal['receipt'];
  readonly prune: Journal['prune'];
}): Journal {
  const { id, commit, lock, recovery, receipt, prune } = parts;
  const writeRecord = createRecordWriter();
  let closing: Promise<void> | null = null;
  return {
    id,
    recovery,
    receipt,
    prune,
    append(record) {
      try {
        return commit.append(writeRecord(record));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    note(record) {
      try {
        commit.note(writeRecord(record));
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
