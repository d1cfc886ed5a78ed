import { hash } from 'node:crypto';
import { encode } from '../../src/audit/chain.ts';
import { FORGERIES, rechained } from './forgery.ts';
import type { Random } from './seeded-random.ts';
import type { SignedJournal } from './signed-journal.ts';

type Lines = readonly string[];

/** What somebody did to a journal, and what verification has to say of it. */
export interface Mutation {
  /** The segments from the first that is touched on, as their files are; 0 is the first. */
  readonly from: number;
  readonly files: readonly Buffer[];
  /** The records of which one has to be named. */
  readonly firstBad: readonly number[];
  /**
   * `cut`: without a witness it may look like a journal that ends earlier; `unsigned`: it is behind
   * the last checkpoint, where nobody vouches for it.
   */
  readonly tail: 'cut' | 'unsigned' | null;
}

/** The journal to mutate, and another one that is signed with the same key. */
export interface Bases {
  readonly base: SignedJournal;
  readonly other: SignedJournal;
}

/** Segments that are verified of a mutated journal: what is not found in them counts as not found. */
const LOOKED_AT = 3;

interface Place {
  readonly segment: number;
  readonly line: number;
  readonly seq: number;
}

const fileOf = (lines: Lines) => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const linesOf = ({ segments }: SignedJournal, segment: number) => segments[segment] ?? [];
const headOf = ({ starts, end }: SignedJournal, segment: number) => starts[segment]?.head ?? end;

function anyPlace(base: SignedJournal, random: Random): Place {
  const segment = random(base.segments.length);
  const line = random(linesOf(base, segment).length);
  return { segment, line, seq: headOf(base, segment).seq + line + 1 };
}

/** One segment with other lines; those behind it are as they were. */
function changed(base: SignedJournal, { segment, seq }: Place, lines: Lines): Mutation {
  const files = [lines, ...base.segments.slice(segment + 1)].slice(0, LOOKED_AT).map(fileOf);
  const isLast = seq >= base.end.seq;
  // Of the last record and the one before, nothing behind tells which of both was changed.
  const firstBad = isLast ? [seq - 1, seq] : [seq];
  return { from: segment, files, firstBad, tail: isLast ? unsignedAt(base, seq) : null };
}

function unsignedAt({ checkpoints }: SignedJournal, seq: number): 'unsigned' | null {
  return seq > (checkpoints.at(-1)?.seq ?? 0) + 1 ? 'unsigned' : null;
}

/** Segments in another order or number, from the first difference on. */
function rearranged(base: SignedJournal, from: number, all: readonly Lines[]): Mutation {
  const firstBad = [headOf(base, from).seq + 1];
  const files = all.slice(from, from + LOOKED_AT).map(fileOf);
  return { from, files, firstBad, tail: null };
}

/** The start of a segment is all that is left. */
function cutAt(base: SignedJournal, { segment, line, seq }: Place): Mutation {
  const files = [fileOf(linesOf(base, segment).slice(0, line))];
  return { from: segment, files, firstBad: [], tail: unsignedAt(base, seq) ?? 'cut' };
}

const OTHER_VALUES: Lines = [
  '{"at":"2025-03-01T12:00:01.000Z"}',
  '{"requestId":"another"}',
  `{"previous":"${'e'.repeat(64)}"}`,
  '{"outcome":"not_applied"}',
  '{"sourceAddress":"10.9.9.9"}',
  '{"within":1000000}',
  '{"kind":"journal-closed"}',
  '{"v":2}',
];

/** Ways to mutate a journal, a row each. */
export const MUTATIONS: readonly {
  readonly name: string;
  readonly mutate: (bases: Bases, random: Random) => Mutation;
}[] = [
  {
    name: 'a flipped bit',
    mutate: ({ base }, random) => {
      const place = anyPlace(base, random);
      const lines = linesOf(base, place.segment);
      const mutation = changed(base, place, lines);
      const start = fileOf(lines.slice(0, place.line)).length;
      const at = start + random(fileOf([lines[place.line] ?? '']).length);
      const [file = Buffer.alloc(0)] = mutation.files;
      file[at] = (file[at] ?? 0) ^ (1 << random(8));
      return mutation;
    },
  },
  {
    name: 'a member with another value',
    mutate: ({ base }, random) => {
      const place = anyPlace(base, random);
      const lines = linesOf(base, place.segment);
      const value = JSON.parse(OTHER_VALUES[random(OTHER_VALUES.length)] ?? '{}');
      const edited = encode({ ...JSON.parse(lines[place.line] ?? '{}'), ...value });
      return changed(base, place, lines.with(place.line, edited));
    },
  },
  {
    name: 'removed records',
    mutate: ({ base }, random) => {
      const place = anyPlace(base, random);
      const count = 1 + random(4);
      if (place.seq + count > base.end.seq) return cutAt(base, place);
      return changed(base, place, linesOf(base, place.segment).toSpliced(place.line, count));
    },
  },
  {
    name: 'two records that changed places',
    mutate: ({ base }, random) => {
      const place = anyPlace(base, random);
      const lines = linesOf(base, place.segment);
      const other = (place.line + 1 + random(lines.length - 1)) % lines.length;
      const [first = 0, second = 0] = [place.line, other].sort((a, b) => a - b);
      const swapped = lines.with(first, lines[second] ?? '').with(second, lines[first] ?? '');
      return changed(base, { ...place, seq: place.seq - place.line + first }, swapped);
    },
  },
  {
    name: 'a record that stands there twice',
    mutate: ({ base }, random) => {
      const [one, before] = [anyPlace(base, random), anyPlace(base, random)];
      const text = linesOf(base, one.segment)[one.line] ?? '';
      const lines = linesOf(base, before.segment).toSpliced(before.line, 0, text);
      // Before the record itself its copy is the good one.
      const seq = before.seq === one.seq ? before.seq + 1 : before.seq;
      return { ...changed(base, before, lines), firstBad: [seq], tail: null };
    },
  },
  {
    name: 'a record of another journal with the same key',
    mutate: ({ base, other }, random) => {
      const place = anyPlace(base, random);
      const text = linesOf(other, place.segment)[place.line] ?? '';
      return changed(base, place, linesOf(base, place.segment).with(place.line, text));
    },
  },
  {
    name: 'the rest of another journal with the same key',
    mutate: ({ base, other }, random) => {
      const place = anyPlace(base, random);
      const kept = linesOf(base, place.segment).slice(0, place.line);
      const rest = linesOf(other, place.segment).slice(place.line);
      const mutation = changed(other, place, [...kept, ...rest]);
      // Both sides of the link are good for themselves; the whole of another journal is a good one.
      const firstBad = place.seq === 1 ? [] : [place.seq - 1, place.seq];
      return { ...mutation, firstBad, tail: place.seq === 1 ? 'cut' : mutation.tail };
    },
  },
  {
    name: 'records written anew by one who has no key',
    mutate: ({ base }, random) => {
      const place = anyPlace(base, random);
      const lines = linesOf(base, place.segment);
      const kept = lines.slice(0, place.line);
      const [first = '{}', ...rest] = lines.slice(place.line);
      const before = kept.at(-1);
      const start = before
        ? { seq: place.seq - 1, hash: hash('sha256', before) }
        : headOf(base, place.segment);
      const forge = FORGERIES[random(FORGERIES.length)] ?? (() => null);
      const edited = encode({ ...JSON.parse(first), at: '2025-03-01T11:00:00.000Z' });
      const anew = rechained([edited, ...rest], start, forge);
      const next = rechained(linesOf(base, place.segment + 1), anew.head, forge);
      const found = base.checkpoints.findIndex(({ seq }) => seq + 1 >= place.seq);
      const due = base.checkpoints[found];
      const isLast = found === base.checkpoints.length - 1;
      return {
        from: place.segment,
        files: [fileOf([...kept, ...anew.lines]), fileOf(next.lines)],
        // Where the next checkpoint is, or should be.
        firstBad: due === undefined ? [] : [due.seq + 1],
        tail: due === undefined ? 'unsigned' : isLast ? 'cut' : null,
      };
    },
  },
  {
    name: 'two segments that changed places',
    mutate: ({ base: { segments, ...rest } }, random) => {
      const first = random(segments.length - 1);
      const second = first + 1 + random(segments.length - first - 1);
      const [one = [], two = []] = [segments[first], segments[second]];
      return rearranged({ segments, ...rest }, first, segments.with(first, two).with(second, one));
    },
  },
  {
    name: 'a segment that stands there twice',
    mutate: ({ base }, random) => {
      const [one, before] = [random(base.segments.length), random(base.segments.length) + 1];
      const all = base.segments.toSpliced(before, 0, linesOf(base, one));
      const mutation = rearranged(base, before, all);
      // Before the segment itself its copy is the good one.
      const place = before === one ? before + 1 : before;
      return { ...mutation, firstBad: [headOf(base, place).seq + 1] };
    },
  },
  {
    name: 'a segment that is empty, or taken out with those behind it moved up',
    mutate: ({ base }, random) => {
      const at = random(base.segments.length - 1);
      const { segments } = base;
      const all = random(2) === 0 ? segments.with(at, []) : segments.toSpliced(at, 1);
      return rearranged(base, at, all);
    },
  },
  {
    name: 'an older copy, or a tail that was cut',
    mutate: ({ base }, random) => cutAt(base, anyPlace(base, random)),
  },
];
