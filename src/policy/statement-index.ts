import type { Drawer, Drawers } from './drawer.ts';
import { drawersFor, fileEntries } from './filing.ts';
import { pathKeys } from './path-words.ts';
import type { Resource } from './resource.ts';
import { findRun, type Run, type Runs, sortByKey } from './runs.ts';
import { shareTerms, type Terms } from './shared-terms.ts';
import type { Statement } from './statement.ts';
import type { Wildcard } from './wildcard.ts';

/** A statement as one of its resource patterns reaches it. */
export interface Entry {
  readonly terms: Terms;
  /** The sixth segment of the pattern. */
  readonly path: Wildcard;
  readonly statement: Statement;
  /** The ids of statements that differ from it in nothing that a decision asks; null: none. */
  readonly alike: readonly string[] | null;
}

/**
 * All statements, filed by their principal and by a text that a path must have for their pattern to
 * match it: its beginning or one of its words. A decision looks up the beginnings and words of its
 * path, which are as many in a small table as in a large one. Two of them may have one key; then
 * more is looked at.
 */
export interface StatementIndex {
  readonly drawers: Drawers;
  readonly runs: Runs;
  /** In runs of one key; in each, denials stand first, because they are asked first. */
  readonly entries: readonly Entry[];
}

export function indexStatements(statements: readonly Statement[]): StatementIndex {
  const drawers = drawersFor(statements);
  const entries = entriesOf(statements, drawers);
  const keys = fileEntries(entries);
  const sorting = sortByKey(keys, (item) => isDeny(entries[item]));
  const kept = withoutRepeats(entries, keys, sorting.runs);
  const { runs, order } =
    kept.length === entries.length
      ? sorting
      : sortByKey(
          kept.map((item) => keys[item] ?? 0),
          (place) => isDeny(entries[kept[place] ?? 0]),
        );
  return {
    drawers,
    runs,
    entries: Array.from(order, (place) => entries[kept[place] ?? 0] as Entry),
  };
}

function isDeny(entry: Entry | undefined): boolean {
  return entry?.terms.effect === 'deny';
}

/**
 * The runs in which all entries of some principals stand that can match a resource, and some that do
 * not: what says most about how its path begins comes first.
 * @param resource `*` for an action that is about no resource
 * @param drawers undefined for a principal without statements
 */
export function runsAbout(
  resource: Resource | '*',
  drawers: readonly (Drawer | undefined)[],
  runs: Runs,
): Run[] {
  const path = pathKeys(resource === '*' ? '' : resource.path);
  const found: Run[] = [];
  for (const drawer of drawers) {
    if (drawer === undefined) continue;
    for (const hash of drawer.hashesFiled(path)) {
      const run = findRun(runs, drawer.keyOf(hash));
      if (run !== null) found.push(run);
    }
  }
  return found;
}

/** An entry that others may still join. */
type OpenEntry = Entry & { alike: string[] | null };

function entriesOf(statements: readonly Statement[], drawers: Drawers): OpenEntry[] {
  const termsOf = shareTerms();
  const entries: OpenEntry[] = [];
  for (const statement of statements) {
    const drawer = drawers[statement.principal.kind].get(statement.principal.name);
    if (drawer === undefined) throw new Error('a statement has no drawer');
    for (const pattern of statement.resources) {
      const path = pattern.matchesAll ? '*' : pattern.path;
      entries.push({ terms: termsOf(drawer, statement, pattern), path, statement, alike: null });
    }
  }
  return entries;
}

/** More entries than this under one key are worth comparing with each other. */
const CROWD = 8;

/**
 * Of entries that a decision cannot tell apart, the first stands for the others.
 * @returns the numbers of those that stay
 */
function withoutRepeats(entries: readonly OpenEntry[], keys: Int32Array, runs: Runs): Int32Array {
  const firsts = new Map<Terms, Map<Wildcard, OpenEntry>>();
  const isFirst = (entry: OpenEntry): boolean => {
    const byPath = firsts.get(entry.terms) ?? new Map<Wildcard, OpenEntry>();
    firsts.set(entry.terms, byPath);
    const first = byPath.get(entry.path);
    if (first === undefined) byPath.set(entry.path, entry);
    else first.alike = joined(first.alike, entry.statement.id);
    return first === undefined;
  };
  return Int32Array.from(keys.keys()).filter((item) => {
    const entry = entries[item];
    const run = findRun(runs, keys[item] ?? 0);
    const isCrowded = run !== null && run.end - run.start > CROWD;
    return entry === undefined || !isCrowded || isFirst(entry);
  });
}

function joined(ids: string[] | null, id: string): string[] {
  if (ids === null) return [id];
  ids.push(id);
  return ids;
}
