import { join } from 'node:path';
import { type JournalPosition, readRecord } from './chain.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readLineRuns, readLines } from './lines.ts';
import type { OpenIntent } from './open-intents.ts';
import { segmentName } from './segment.ts';
import { segmentNames } from './segment-files.ts';
import type { PublicKeys } from './signing-key.ts';
import { type BadPlace, ENDS_EARLY, JournalWalk } from './walk.ts';
import { type Statement, statementOf, type Witness } from './witness.ts';

export type { BadPlace, Witness };

/** What verification found. */
export interface VerificationReport {
  /** The journal is as it was written, as far as what is known tells; witnesses may still fail. */
  readonly isIntact: boolean;
  /** Its id; null for one from before journals had ids. */
  readonly journal: string | null;
  readonly segments: number;
  /** Good records before the first bad place, or all. */
  readonly records: number;
  /** The last record; null when the journal is not intact. */
  readonly head: JournalPosition | null;
  readonly firstBad: BadPlace | null;
  /** Intents without a closing up to there. */
  readonly openIntents: readonly OpenIntent[];
  readonly checkpoints: number;
  /** The last checkpoint up to there, and how many records stand behind it. */
  readonly lastCheckpoint: Checkpoint | null;
  readonly unsigned: number;
  /** Of a last line without its end: it is being written, or a crash has left it. */
  readonly unfinishedBytes: number;
  /** One for each witness: null when what it says stands in the journal, or why not. */
  readonly witnesses: readonly { readonly problem: string | null }[];
}

/** What verification may know beside the journal itself. */
export interface VerificationOptions {
  /** Public keys that vouch for checkpoints; without them signatures are not verified. */
  readonly keys?: PublicKeys | undefined;
  /**
   * Heads, checkpoints and receipts from elsewhere: what they know of cannot be changed, cut off or
   * put back unseen. Checkpoints in the journal vouch for all but its tail.
   */
  readonly witnesses?: readonly Witness[];
  /** Called from time to time. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How far verification has come. */
export interface Progress {
  readonly records: number;
  readonly segment: number;
  readonly segments: number;
}

/**
 * Verify a journal or a copy of one: chain, sequence, shape, pairs, segments, checkpoints, and what
 * is known from elsewhere. A damaged one gives a report, never an error.
 */
export async function verifyJournal(
  directory: string,
  options: VerificationOptions = {},
): Promise<VerificationReport> {
  const { keys, witnesses = [] } = options;
  const names = await segmentNames(directory).catch(() => []);
  const journal = await journalIdOf(directory, names).catch(() => null);
  const statements = witnesses.map((witness) => statementOf(witness, journal, keys));
  const known = statements.filter((statement) => 'seq' in statement);
  const walk = new JournalWalk({ keys, known });
  const firstBad = await firstBadOf(walk, directory, options);
  const { checkpoint, checkpoints, unsigned } = walk.vouched;
  return {
    isIntact: firstBad === null,
    journal,
    segments: names.length,
    records: firstBad === null ? walk.head.seq : firstBad.seq - 1,
    head: firstBad === null ? walk.head : null,
    firstBad,
    openIntents: walk.openIntents(),
    checkpoints,
    lastCheckpoint: checkpoint,
    unsigned,
    unfinishedBytes: walk.unfinishedBytes,
    witnesses: statements.map((statement) => ({ problem: problemOf(statement, walk, firstBad) })),
  };
}

async function firstBadOf(
  walk: JournalWalk,
  directory: string,
  options: VerificationOptions,
): Promise<BadPlace | null> {
  try {
    return (
      (await walkSegments(walk, directory, options)) ?? walk.end() ?? unsignedJournal(walk, options)
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...walk.placeOf(0), problem: `it cannot be read (${reason})` };
  }
}

async function walkSegments(
  walk: JournalWalk,
  directory: string,
  { onProgress = () => undefined }: VerificationOptions,
): Promise<BadPlace | null> {
  const names = await segmentNames(directory);
  for (let number = 1; number <= Math.max(1, names.length); number += 1) {
    walk.enter(number);
    const name = segmentName(number);
    if (names[number - 1] !== name) {
      return { ...walk.placeOf(0), problem: 'it is missing' };
    }
    for await (const run of readLineRuns(join(directory, name))) {
      for (const line of run) {
        const bad = walk.take(line);
        if (bad !== null) return bad;
      }
      onProgress({ records: walk.head.seq, segment: number, segments: names.length });
    }
  }
  return null;
}

/** Who holds the keys expects signatures: a journal without any may have been made by anybody. */
function unsignedJournal(walk: JournalWalk, { keys }: VerificationOptions): BadPlace | null {
  if (keys === undefined || walk.vouched.checkpoints > 0) return null;
  return { segment: segmentName(1), line: 0, seq: 1, problem: 'no checkpoint vouches for it' };
}

/** The id that the first record of the first or the second segment states. */
async function journalIdOf(directory: string, names: readonly string[]): Promise<string | null> {
  for (const name of names.slice(0, 2)) {
    for await (const { bytes } of readLines(join(directory, name))) {
      const record = bytes === null ? null : readRecord(bytes);
      const { journal } = record?.kind === 'segment-opened' ? record.members : {};
      if (typeof journal === 'string') return journal;
      break;
    }
  }
  return null;
}

function problemOf(
  statement: Statement,
  { head }: JournalWalk,
  firstBad: BadPlace | null,
): string | null {
  if ('problem' in statement) return statement.problem;
  if (firstBad === null || statement.seq < firstBad.seq) return null;
  if (statement.seq === firstBad.seq && head.seq === firstBad.seq) {
    return `another record stands at ${statement.seq}`;
  }
  return head.seq < statement.seq && firstBad.problem === ENDS_EARLY
    ? `the journal ends at ${head.seq}, before ${statement.seq}`
    : `the journal is damaged at ${firstBad.seq}, before ${statement.seq}`;
}
