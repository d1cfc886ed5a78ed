import { stringify } from 'yaml';
import { printable } from '../audit/chain.ts';
import type { Difference, TableDifference } from '../policy/table-diff.ts';

/** A version as the admin API shows it. */
export interface ShownVersion {
  readonly number: number;
  readonly version: string;
  readonly digest: string;
  readonly author: string;
  readonly note: string;
  readonly createdAt: string;
  readonly document?: unknown;
}

/** What the admin API answers to a dry run. */
export interface PlanAnswer {
  readonly from: ShownVersion;
  readonly digest: string;
  readonly difference: TableDifference;
}

export function versionLine({ version, createdAt, author, note }: ShownVersion): string {
  return printable([version, createdAt, author, note].filter((part) => part !== '').join('  '));
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** What a change does to the text of the table: what it does to anybody is told by its effects. */
export function differenceLines({ from, digest, difference }: PlanAnswer): string[] {
  if (digest === from.digest) return [`nothing changes: version ${from.number} is this table`];
  const lines = [
    ...linesOf('tenant', difference.tenants),
    ...linesOf('statement', difference.statements),
  ];
  return [`from version ${from.version}:`, ...(lines.length === 0 ? ['  the order alone'] : lines)];
}

function linesOf(kind: string, difference: Difference): string[] {
  return (['added', 'removed', 'changed'] as const).flatMap((what) =>
    difference[what].map((name) => printable(`  ${SIGNS[what]} ${kind} ${name}`)),
  );
}

/** How people order the members of a row; others come behind them. */
const ORDER = 'version tenants statements id principal effect action resource condition'.split(' ');

/** A version as `policy show` prints it: a table in YAML, below a comment that says which. */
export function tableText(shown: ShownVersion): string {
  return `# ${versionLine(shown)}\n${stringify(tableForPeople(shown.document))}`;
}

/** A table with its members in the order in which people write them. */
function tableForPeople(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tableForPeople);
  if (typeof value !== 'object' || value === null) return value;
  const rank = (name: string) => (ORDER.indexOf(name) + 1 || ORDER.length + 1) - 1;
  const members = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b));
  return Object.fromEntries(members.map(([name, member]) => [name, tableForPeople(member)]));
}
