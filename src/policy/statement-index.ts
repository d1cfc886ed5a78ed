import { cutPath, withoutOpenWord, wordsOf } from './path-words.ts';
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
 * which are as many in a small table as in a large one.
 */
export type StatementIndex = ReadonlyMap<string, Cell>;

export function indexStatements(statements: readonly Statement[]): StatementIndex {
  const cells = new Map<string, OpenCell>();
  const undecided: { readonly entry: Entry; readonly keys: readonly string[] }[] = [];
  for (const statement of statements) {
    for (const pattern of statement.resources) {
      const entry = { statement, pattern, alike: NO_IDS };
      const keys = keysOf(pattern);
      if (keys.length === 1) addTo(cells, keys[0] ?? '', entry);
      else undecided.push({ entry, keys });
    }
  }
  const timesSeen = countTexts(undecided.flatMap(({ keys }) => keys));
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
  const { beginnings, words } = cutPath(resource === '*' ? '' : resource.path);
  const cells: Cell[] = [];
  for (const index of indexes) {
    if (index === undefined) continue;
    lookUp(index, beginnings, cells);
    // The first word is a beginning too.
    lookUp(index, words.slice(1), cells);
  }
  return cells;
}

function lookUp(index: StatementIndex, texts: readonly string[], cells: Cell[]): void {
  for (const text of texts) {
    const cell = index.get(text);
    if (cell !== undefined) cells.push(cell);
  }
}

/**
 * The texts by which a pattern can be filed, one at least.
 * INVARIANT: each is a beginning or a word of every path that matches. What a star can have cut off
 * is left out: the end of the text before it, and the start of the text behind it.
 */
function keysOf(pattern: ResourcePattern): string[] {
  if (pattern.matchesAll) return [''];
  const { first, middle, last } = pattern.path;
  if (last === null) return [first];
  const texts = [...middle.map(withoutOpenWord), last];
  return [withoutOpenWord(first), ...texts.flatMap((text) => wordsOf(text).slice(1))];
}

function countTexts(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** The key under which fewest others come to stand. */
function rarest(keys: readonly string[], timesSeen: ReadonlyMap<string, number>): string {
  const times = (key: string) => timesSeen.get(key) ?? 0;
  return keys.reduce((best, key) => (times(key) < times(best) ? key : best));
}

interface OpenCell {
  allow: Entry[];
  deny: Entry[];
}

const NO_IDS: readonly string[] = [];
const NO_ENTRIES: Entry[] = [];

function addTo(cells: Map<string, OpenCell>, key: string, entry: Entry): void {
  const cell = cells.get(key) ?? { allow: NO_ENTRIES, deny: NO_ENTRIES };
  cells.set(key, cell);
  const { effect } = entry.statement;
  // Most cells hold one entry: a list made with it takes no more room than that.
  if (cell[effect] === NO_ENTRIES) cell[effect] = [entry];
  else cell[effect].push(entry);
}

/** More entries than this in a cell are worth comparing with each other. */
const CROWD = 8;

function withoutRepeats(cells: Map<string, OpenCell>): StatementIndex {
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
