import { pathKeys, withoutOpenWord } from './path-words.ts';
import type { Resource, ResourcePattern } from './resource.ts';
import type { Effect, Statement } from './statement.ts';

/** A statement as one of its resource patterns reaches it. */
export interface Entry {
  readonly statement: Statement;
  readonly pattern: ResourcePattern;
  /** The ids of statements that differ from it in nothing that a decision asks. */
  readonly alike: readonly string[];
}

/** What is filed in one place: denials apart, because they are asked first. */
export type Cell = Readonly<Record<Effect, readonly Entry[]>>;

/**
 * The statements of one principal, filed by a text that a path must have for their pattern to match
 * it: its beginning or one of its words. A decision looks up the beginnings and words of its path,
 * which are as many in a small table as in a large one. Two texts may have one hash; then more is
 * looked at.
 */
export type StatementIndex = ReadonlyMap<number, Cell>;

export function indexStatements(statements: readonly Statement[]): StatementIndex {
  const cells = new Map<number, OpenCell>();
  const undecided: { readonly entry: Entry; readonly keys: readonly number[] }[] = [];
  for (const statement of statements) {
    for (const pattern of statement.resources) {
      const entry = { statement, pattern, alike: NO_IDS };
      const keys = keysOf(pattern);
      const [only] = keys;
      if (only !== undefined && keys.length === 1) addTo(cells, only, entry);
      else undecided.push({ entry, keys });
    }
  }
  const timesSeen = countOf(undecided.flatMap(({ keys }) => keys));
  for (const { entry, keys } of undecided) addTo(cells, rarest(keys, timesSeen), entry);
  return withoutRepeats(cells);
}

/**
 * The cells in which all statements stand that can match a resource, and some that do not: for each
 * principal, those that say most about how its path begins first.
 * @param resource `*` for an action that is about no resource
 * @param indexes undefined for a principal without statements
 */
export function cellsAbout(
  resource: Resource | '*',
  indexes: readonly (StatementIndex | undefined)[],
): Cell[] {
  const { beginnings, words } = pathKeys(resource === '*' ? '' : resource.path);
  words.shift(); // The first word is a beginning too.
  const cells: Cell[] = [];
  for (const index of indexes) {
    if (index === undefined) continue;
    lookUp(index, beginnings, cells);
    lookUp(index, words, cells);
  }
  return cells;
}

function lookUp(index: StatementIndex, keys: readonly number[], cells: Cell[]): void {
  for (const key of keys) {
    const cell = index.get(key);
    if (cell !== undefined) cells.push(cell);
  }
}

/**
 * The keys by which a pattern can be filed, one at least.
 * INVARIANT: each is of a beginning or a word of every path that matches. What a star can have cut
 * off is left out: the end of the text before it, and the start of the text behind it.
 */
function keysOf(pattern: ResourcePattern): number[] {
  if (pattern.matchesAll) return [beginningKey('')];
  const { first, middle, last } = pattern.path;
  if (last === null) return [beginningKey(first)];
  const texts = [...middle.map(withoutOpenWord), last];
  const words = texts.flatMap((text) => pathKeys(text).words.slice(1));
  return [beginningKey(withoutOpenWord(first)), ...words];
}

function beginningKey(text: string): number {
  return pathKeys(text).beginnings[0] ?? Number.NaN;
}

function countOf(keys: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The key under which fewest others come to stand. */
function rarest(keys: readonly number[], timesSeen: ReadonlyMap<number, number>): number {
  const times = (key: number) => timesSeen.get(key) ?? 0;
  return keys.reduce((best, key) => (times(key) < times(best) ? key : best));
}

interface OpenCell {
  allow: Entry[];
  deny: Entry[];
}

const NO_IDS: readonly string[] = [];
const NO_ENTRIES: Entry[] = [];

function addTo(cells: Map<number, OpenCell>, key: number, entry: Entry): void {
  const cell = cells.get(key) ?? { allow: NO_ENTRIES, deny: NO_ENTRIES };
  cells.set(key, cell);
  const { effect } = entry.statement;
  // Most cells hold one entry: a list made with it takes no more room than that.
  if (cell[effect] === NO_ENTRIES) cell[effect] = [entry];
  else cell[effect].push(entry);
}

/** More entries than this in a cell are worth comparing with each other. */
const CROWD = 8;

function withoutRepeats(cells: Map<number, OpenCell>): StatementIndex {
  for (const cell of cells.values()) {
    if (cell.allow.length > CROWD) cell.allow = merged(cell.allow);
    if (cell.deny.length > CROWD) cell.deny = merged(cell.deny);
  }
  return cells;
}

/** Entries that a decision cannot tell apart become one. */
function merged(entries: readonly Entry[]): Entry[] {
  const numbers = new Map<unknown, number>();
  const numberOf = (shared: unknown) => {
    const number = numbers.get(shared) ?? numbers.size;
    numbers.set(shared, number);
    return number;
  };
  const groups = Map.groupBy(entries, ({ statement: { actions, condition }, pattern }) =>
    JSON.stringify([numberOf(actions), numberOf(condition), pattern]),
  );
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    return { ...first, alike: others.map(({ statement }) => statement.id) };
  });
}
