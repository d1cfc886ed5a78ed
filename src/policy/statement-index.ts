import { cutText, pathBeginnings } from './path-cut.ts';
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
 * it. A decision looks up the texts that its path has: as many in a small table as in a large one.
 */
export interface StatementIndex {
  /** By the text that a path begins with. */
  readonly byBeginning: ReadonlyMap<string, Cell>;
  /** By a text that one of its beginnings ends with: for patterns with a star before the name. */
  readonly byEnding: ReadonlyMap<string, Cell>;
  /** All lengths that the keys of `byEnding` have. */
  readonly endingLengths: readonly number[];
}

export function indexStatements(statements: readonly Statement[]): StatementIndex {
  const byBeginning = new Map<string, OpenCell>();
  const byEnding = new Map<string, OpenCell>();
  for (const statement of statements) {
    for (const pattern of statement.resources) {
      const { beginning, ending } = keyOf(pattern);
      const cell = ending === null ? cellOf(byBeginning, beginning) : cellOf(byEnding, ending);
      cell[statement.effect].push({ statement, pattern, alike: NONE });
    }
  }
  return {
    byBeginning: closed(byBeginning),
    byEnding: closed(byEnding),
    endingLengths: [...new Set([...byEnding.keys()].map(({ length }) => length))],
  };
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
  const beginnings = resource === '*' ? [''] : pathBeginnings(resource.path);
  const cells: Cell[] = [];
  for (const index of indexes) {
    if (index !== undefined) for (const text of beginnings) lookUp(index, text, cells);
  }
  return cells;
}

function lookUp(index: StatementIndex, beginning: string, cells: Cell[]): void {
  const { byBeginning, byEnding, endingLengths } = index;
  const cell = byBeginning.get(beginning);
  if (cell !== undefined) cells.push(cell);
  for (const length of endingLengths) {
    const ending = length > beginning.length ? undefined : byEnding.get(beginning.slice(-length));
    if (ending !== undefined) cells.push(ending);
  }
}

/** What all paths of `ci` begin with says nothing. */
const COMMON_BEGINNING = 'bucket/';

/**
 * The longest text that a pattern asks of a path.
 * INVARIANT: a path that matches has it among its beginnings, or at the end of one of them.
 */
function keyOf(pattern: ResourcePattern): { beginning: string; ending: string | null } {
  if (pattern.matchesAll) return { beginning: '', ending: null };
  const { first, middle, last } = pattern.path;
  if (last === null) return { beginning: first, ending: null };
  const beginning = cutText(first);
  const endings = [last, ...middle.map(cutText)];
  const ending = endings.reduce((longest, one) => (one.length > longest.length ? one : longest));
  const told = Math.max(beginning.length - COMMON_BEGINNING.length, 0);
  return { beginning, ending: ending.length > told ? ending : null };
}

interface OpenCell {
  allow: Entry[];
  deny: Entry[];
}

const NONE: readonly string[] = [];

function cellOf(cells: Map<string, OpenCell>, key: string): OpenCell {
  const filed = cells.get(key);
  if (filed !== undefined) return filed;
  const cell = { allow: [], deny: [] };
  cells.set(key, cell);
  return cell;
}

/** More entries than this in a cell are worth comparing with each other. */
const CROWD = 8;

function closed(cells: Map<string, OpenCell>): ReadonlyMap<string, Cell> {
  for (const cell of cells.values()) {
    if (cell.allow.length > CROWD) cell.allow = withoutRepeats(cell.allow);
    if (cell.deny.length > CROWD) cell.deny = withoutRepeats(cell.deny);
  }
  return cells;
}

/** Entries that a decision cannot tell apart become one. */
function withoutRepeats(entries: readonly Entry[]): Entry[] {
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
