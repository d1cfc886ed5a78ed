import { rowId } from './table-row.ts';

/** What stands in one table and not, or otherwise, in another: names, sorted. */
export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** How two tables differ as they are written. What that does to anybody is another question. */
export interface TableDifference {
  readonly tenants: Difference;
  /** By their ids. */
  readonly statements: Difference;
}

interface Written {
  readonly tenants: Readonly<Record<string, unknown>>;
  readonly statements: readonly unknown[];
}

/**
 * Compare two valid documents.
 * @param before null: there was none
 */
export function diffTables(before: string | null, after: string): TableDifference {
  const old = before === null ? { tenants: {}, statements: [] } : written(before);
  const now = written(after);
  return {
    tenants: difference(entries(old.tenants), entries(now.tenants)),
    statements: difference(rows(old.statements), rows(now.statements)),
  };
}

/** Valid documents have these members. */
const written = (text: string): Written => JSON.parse(text);
const entries = (members: Readonly<Record<string, unknown>>) => new Map(Object.entries(members));
const rows = (list: readonly unknown[]) =>
  new Map(list.map((row) => [rowId(row) ?? '', row] as const));

function difference(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): Difference {
  const isSame = (name: string) =>
    JSON.stringify(before.get(name)) === JSON.stringify(after.get(name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)).sort(),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
    changed: [...after.keys()].filter((name) => before.has(name) && !isSame(name)).sort(),
  };
}
