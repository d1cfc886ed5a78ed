import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encode, GENESIS, type JournalPosition, linkProblem, readRecord } from './chain.ts';
import { type Line, readLines } from './lines.ts';
import { createPairing, type OpenIntent, type Pairing } from './pairing.ts';
import { AUDIT_RECORD } from './record-shape.ts';
import { SEGMENT_NAME, segmentName } from './segment.ts';

/** The first place that is not as the journal wrote it. */
export interface BadPlace {
  readonly segment: string;
  /** Counted from 1; 0 when the segment itself is the problem. */
  readonly line: number;
  /** Of the record that belongs there. */
  readonly seq: number;
  readonly problem: string;
}

/** What verification found. */
export interface VerificationReport {
  readonly isIntact: boolean;
  /** Good records before the first bad place, or all. */
  readonly records: number;
  /** The last record; null when the journal is not intact. */
  readonly head: JournalPosition | null;
  readonly firstBad: BadPlace | null;
  /** Intents without a closing up to there. */
  readonly openIntents: readonly OpenIntent[];
}

/** What verification may know beside the journal itself. */
export interface VerificationOptions {
  /**
   * A place in the chain that is known from elsewhere. The chain alone vouches for every record
   * but the last, and neither for a cut tail nor against somebody who wrote it anew from some
   * record on: with the place known, nothing up to it can be changed unseen.
   */
  readonly expectedHead?: JournalPosition;
}

type Place = Omit<BadPlace, 'problem'>;

interface Walk {
  readonly pairing: Pairing;
  readonly expected: JournalPosition | undefined;
  segment: string;
  head: JournalPosition;
  /** Where the head stands; null before the first record. */
  headPlace: Place | null;
  suspect: Suspect | null;
}

/** A record that does not continue the one before: its successor tells which of the two is bad. */
interface Suspect {
  readonly earlier: Place | null;
  readonly place: Place;
  readonly position: JournalPosition;
}

/**
 * Verify a journal or a copy of one: chain, sequence, shape, pairs, and a known head. A damaged one
 * gives a report, never an error.
 */
export async function verifyJournal(
  directory: string,
  { expectedHead }: VerificationOptions = {},
): Promise<VerificationReport> {
  const walk: Walk = {
    pairing: createPairing(),
    expected: expectedHead,
    segment: segmentName(1),
    head: GENESIS,
    headPlace: null,
    suspect: null,
  };
  let firstBad: BadPlace | null;
  try {
    firstBad = await findBadPlace(directory, walk);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    firstBad = { ...placeOf(walk, 0), problem: `it cannot be read (${reason})` };
  }
  return {
    isIntact: firstBad === null,
    records: firstBad === null ? walk.head.seq : firstBad.seq - 1,
    head: firstBad === null ? walk.head : null,
    firstBad,
    openIntents: walk.pairing.openIntents(),
  };
}

async function findBadPlace(directory: string, walk: Walk): Promise<BadPlace | null> {
  const names = (await readdir(directory)).filter((name) => SEGMENT_NAME.test(name)).sort();
  for (let number = 1; number <= Math.max(1, names.length); number += 1) {
    walk.segment = segmentName(number);
    const name = names[number - 1];
    if (name !== walk.segment) return { ...placeOf(walk, 0), problem: 'it is missing' };
    for await (const line of readLines(join(directory, walk.segment))) {
      const bad = step(walk, line);
      if (bad !== null) return bad;
    }
  }
  return endProblem(walk);
}

function step(walk: Walk, { number, bytes }: Line): BadPlace | null {
  const place = placeOf(walk, number);
  const record = bytes === null ? null : readRecord(bytes);
  if (walk.suspect !== null) {
    return blame(walk.suspect, record?.previous === walk.suspect.position.hash);
  }
  if (bytes === null || record === null) return { ...place, problem: 'not a record' };
  const link = linkProblem(record, walk.head);
  if (link === 'not the next sequence number') return { ...place, problem: link };
  const shaped = AUDIT_RECORD.safeParse(record.members);
  if (!shaped.success) return { ...place, problem: 'not in the shape of its kind' };
  const canonical = encode(shaped.data);
  if (canonical !== bytes.toString()) return { ...place, problem: 'not as it is written' };
  if (link !== null) {
    walk.suspect = { earlier: walk.headPlace, place, position: record.position };
    return null;
  }
  const fault = walk.pairing.follow(shaped.data);
  return fault === null ? advance(walk, record.position, place) : { ...place, problem: fault };
}

function advance(walk: Walk, position: JournalPosition, place: Place): BadPlace | null {
  [walk.head, walk.headPlace] = [position, place];
  if (position.seq !== walk.expected?.seq || position.hash === walk.expected.hash) return null;
  return { ...place, problem: 'not the record that is known from elsewhere' };
}

/** What can be said of the end of a journal whose lines were good, or good but for the last. */
function endProblem(walk: Walk): BadPlace | null {
  const { suspect, expected, head } = walk;
  if (suspect !== null) {
    const isKnown = expected?.seq === suspect.position.seq;
    return blame(suspect, !isKnown || expected.hash === suspect.position.hash);
  }
  if (expected === undefined || head.seq >= expected.seq) return null;
  const { line } = walk.headPlace ?? { line: 0 };
  return { ...placeOf(walk, line + 1), problem: 'the journal ends before its known head' };
}

/** Of a link that does not hold, one side is bad: the earlier one when the later is vouched for. */
function blame({ earlier, place }: Suspect, isVouchedFor: boolean): BadPlace {
  return isVouchedFor && earlier !== null
    ? { ...earlier, problem: 'not the record that the next one continues' }
    : { ...place, problem: 'a broken link' };
}

function placeOf({ segment, head }: Walk, line: number): Place {
  return { segment, line, seq: head.seq + 1 };
}
