import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalPosition } from './chain.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readLineRuns } from './lines.ts';
import type { OpenIntent } from './open-intents.ts';
import { PRUNE_MARK, type PruneMark, pruneMarkProblem, readPruneMark } from './prune-mark.ts';
import { numberOf, segmentName } from './segment.ts';
import { asKind, firstRecord, segmentNames } from './segment-files.ts';
import type { PublicKeys } from './signing-key.ts';
import { type BadPlace, ENDS_EARLY, JournalWalk, type KnownPlace, type WalkStart } from './walk.ts';
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
  /** What accounts for segments that were taken out; null when none was. */
  readonly pruned: PruneMark | null;
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
  readonly bytes: number;
  readonly totalBytes: number;
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
  const { names, mark, ...found } = await keptSegments(directory).catch(() => NO_SEGMENTS);
  const journal = await journalIdOf(directory, names).catch(() => null);
  const statements = witnesses.map((witness) => statementOf(witness, journal, keys));
  const known = statements.filter((statement) => 'seq' in statement);
  const start = mark && (await startBehind(mark, directory, names).catch(() => null));
  const walk = new JournalWalk({ keys, known, ...(start && { start }) });
  const markProblem = found.problem ?? (mark && keys ? pruneMarkProblem(mark, keys) : null);
  const firstBad =
    markProblem === null
      ? await firstBadOf(walk, directory, options)
      : { segment: PRUNE_MARK, line: 0, seq: 1, problem: markProblem };
  const { checkpoint, checkpoints, unsigned } = walk.vouched;
  return {
    isIntact: firstBad === null,
    journal,
    segments: names.length,
    records: firstBad === null ? walk.head.seq : firstBad.seq - 1,
    head: firstBad === null ? walk.head : null,
    firstBad,
    pruned: mark,
    openIntents: walk.openIntents(),
    checkpoints,
    lastCheckpoint: checkpoint,
    unsigned,
    unfinishedBytes: walk.unfinishedBytes,
    witnesses: statements.map((statement) => ({
      problem: problemOf(statement, { walk, firstBad, mark }),
    })),
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
  const { names, mark } = await keptSegments(directory);
  const first = (mark?.segments ?? 0) + 1;
  const sizes = await Promise.all(names.map(async (name) => stat(join(directory, name))));
  const totalBytes = sizes.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  const tell = (more: number) => {
    bytes += more;
    onProgress({ records: walk.head.seq, bytes, totalBytes });
  };
  for (let number = first; number < first + Math.max(1, names.length); number += 1) {
    walk.enter(number);
    const name = segmentName(number);
    if (names[number - first] !== name) return { ...walk.placeOf(0), problem: 'it is missing' };
    const bad = await walkSegment(walk, join(directory, name), tell);
    if (bad !== null) return bad;
  }
  return null;
}

async function walkSegment(
  walk: JournalWalk,
  path: string,
  tell: (bytes: number) => void,
): Promise<BadPlace | null> {
  for await (const run of readLineRuns(path)) {
    for (const line of run) {
      const bad = walk.take(line);
      if (bad !== null) return bad;
    }
    tell((run.at(-1)?.end ?? 0) - (run[0]?.start ?? 0));
  }
  return null;
}

/** Who holds the keys expects signatures: a journal without any may have been made by anybody. */
function unsignedJournal(walk: JournalWalk, { keys }: VerificationOptions): BadPlace | null {
  if (keys === undefined || walk.vouched.checkpoint !== null) return null;
  return { segment: segmentName(1), line: 0, seq: 1, problem: 'no checkpoint vouches for it' };
}

interface KeptSegments {
  readonly names: string[];
  readonly mark: PruneMark | null;
  readonly problem: string | null;
}

const NO_SEGMENTS: KeptSegments = { names: [], mark: null, problem: null };

/** The segments behind those that were taken out, of which some may be left by a kill. */
async function keptSegments(directory: string): Promise<KeptSegments> {
  const names = await segmentNames(directory);
  const mark = await readPruneMark(directory);
  if (mark === null) return { names, mark, problem: null };
  if ('problem' in mark) return { names, mark: null, problem: mark.problem };
  const kept = names.filter((name) => numberOf(name) > mark.segments);
  return { names: kept, mark, problem: null };
}

/** The first record that is left tells which intents were open; the chain vouches for it. */
async function startBehind(
  { journal, seq, hash, within, at, keyId, signature }: PruneMark,
  directory: string,
  [first = '']: readonly string[],
): Promise<WalkStart> {
  const header = asKind(await firstRecord(join(directory, first)), 'segment-opened');
  const checkpoint = { journal, seq, hash, at, within, keyId, signature };
  const vouched = { journal, checkpoint, checkpoints: 0, unsigned: 0 };
  return { head: { seq, hash }, vouched, openIntents: header?.openIntents ?? [] };
}

/** The id that the first record of the first or the second segment states. */
async function journalIdOf(directory: string, names: readonly string[]): Promise<string | null> {
  for (const name of names.slice(0, 2)) {
    const record = await firstRecord(join(directory, name));
    const { journal } = record?.kind === 'segment-opened' ? record.members : {};
    if (typeof journal === 'string') return journal;
  }
  return null;
}

function problemOf(
  statement: Statement,
  known: {
    readonly walk: JournalWalk;
    readonly firstBad: BadPlace | null;
    readonly mark: PruneMark | null;
  },
): string | null {
  const { firstBad, mark } = known;
  const { head } = known.walk;
  if ('problem' in statement) return statement.problem;
  if (mark !== null && statement.seq <= mark.seq) return prunedProblem(statement, mark);
  if (firstBad === null || statement.seq < firstBad.seq) return null;
  if (statement.seq === firstBad.seq && head.seq === firstBad.seq) {
    return `another record stands at ${statement.seq}`;
  }
  return head.seq < statement.seq && firstBad.problem === ENDS_EARLY
    ? `the journal ends at ${head.seq}, before ${statement.seq}`
    : `the journal is damaged at ${firstBad.seq}, before ${statement.seq}`;
}

/** Of what was taken out, no more is known than where it ended. */
function prunedProblem({ seq, hash, requestId }: KnownPlace, mark: PruneMark): string | null {
  if (seq === mark.seq) return hash === mark.hash ? null : `another record stood at ${seq}`;
  return requestId === undefined ? null : `record ${seq} was pruned on ${mark.at}`;
}
