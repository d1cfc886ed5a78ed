import type { JournalPosition } from '../../src/audit/chain.ts';
import type { Line } from '../../src/audit/lines.ts';
import { type BadPlace, JournalWalk } from '../../src/audit/walk.ts';
import type { Mutation } from './journal-mutations.ts';
import type { SignedJournal } from './signed-journal.ts';

/**
 * Verify a mutated journal, from the first segment that is touched on; what comes before is known
 * to be good. Tells what verification gets wrong; null when it finds all that can be found.
 */
export function misjudged(base: SignedJournal, mutation: Mutation): string | null {
  const { firstBad, tail } = mutation;
  const bad = walked(base, mutation, []);
  if (bad !== null) {
    const isRight = firstBad.length === 0 || firstBad.includes(bad.seq);
    return isRight ? null : `it names ${bad.seq} (${bad.problem}), not ${firstBad.join(' or ')}`;
  }
  if (tail === 'unsigned') return null;
  if (tail === null) return `it finds nothing, not ${firstBad.join(' or ')}`;
  const last = base.checkpoints.at(-1);
  const known = last === undefined ? [] : [last];
  return walked(base, mutation, known) === null ? 'a witness does not help to find the cut' : null;
}

function walked(
  { starts, key }: SignedJournal,
  { from, files }: Mutation,
  known: readonly JournalPosition[],
): BadPlace | null {
  const start = starts[from];
  const walk = new JournalWalk({ keys: key.keys, known, ...(start && { start }) });
  for (const [index, file] of files.entries()) {
    walk.enter(from + index + 1);
    for (const line of linesIn(file)) {
      const bad = walk.take(line);
      if (bad !== null) return bad;
    }
  }
  const isUnfinished = walk.unfinishedBytes > 0;
  const told = { ...walk.placeOf(0), problem: 'an unfinished line is told of' };
  return walk.end() ?? (isUnfinished ? told : null);
}

function* linesIn(file: Buffer): Generator<Line, void> {
  let number = 0;
  for (let start = 0; start < file.length; ) {
    const newline = file.indexOf(10, start);
    const end = newline === -1 ? file.length : newline + 1;
    const bytes = newline === -1 ? null : file.subarray(start, newline);
    yield { number: ++number, start, end, bytes };
    start = end;
  }
}
