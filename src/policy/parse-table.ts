import { hash } from 'node:crypto';
import { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import { readStrictYaml, requireShape } from '../strict-yaml.ts';
import { compilePolicyTable, type PolicyTable, type TenantLimits } from './policy-table.ts';
import { under } from './report.ts';
import { createSharedParts } from './shared-parts.ts';
import { compileRow, name, rowId, writtenId } from './table-row.ts';

const REFUSED = 'the policy table is refused';

const MAX_LIMIT = 100_000;
const wholeLimit = z.int().min(1).max(MAX_LIMIT).optional();

const tenant = z.strictObject({
  subAccount: name,
  limits: z
    .strictObject({
      requestsPerSecond: z.number().min(0.01).max(MAX_LIMIT).optional(),
      burst: wholeLimit,
      concurrentRequests: wholeLimit,
    })
    .optional(),
});

const tableFile = z.strictObject({
  version: z.literal(1, { error: 'must be 1' }),
  tenants: z.record(name, tenant),
  statements: z.array(z.unknown()),
});

/** What a table is made of, wherever it is kept. */
export interface TableContent {
  /** Names this content and no other. */
  readonly version: string;
  /** The sub-account that each tenant acts as. */
  readonly tenants: ReadonlyMap<string, string>;
  /** The limits of the tenants that have their own. */
  readonly limits?: ReadonlyMap<string, TenantLimits>;
  /** As they were written, not validated yet. */
  readonly rows: readonly unknown[];
}

/**
 * Load a policy table from its YAML text: the whole of it, or nothing.
 * @param subAccounts the names that tenants may be bound to
 * @throws ConfigurationError that lists every problem with its path
 */
export function parsePolicyTable(text: string, subAccounts: ReadonlySet<string>): PolicyTable {
  const { value } = readStrictYaml(REFUSED, text);
  return compileDocument({ version: `sha256:${hash('sha256', text)}`, value }, subAccounts);
}

/**
 * Compile a table from its document, as it was read from YAML or JSON: the whole of it, or nothing.
 * @throws ConfigurationError as parsePolicyTable
 */
export function compileDocument(
  { version, value }: { readonly version: string; readonly value: unknown },
  subAccounts: ReadonlySet<string>,
): PolicyTable {
  const { tenants, statements: rows } = requireShape(REFUSED, value, tableFile);
  const entries = Object.entries(tenants);
  const content = {
    version,
    tenants: new Map(entries.map(([tenant, { subAccount }]) => [tenant, subAccount])),
    limits: new Map(entries.flatMap(([tenant, { limits }]) => (limits ? [[tenant, limits]] : []))),
    rows,
  };
  return compileTable(content, subAccounts);
}

/**
 * Compile a table from its content: the whole of it, or nothing.
 * @throws ConfigurationError as parsePolicyTable
 */
export function compileTable(
  { version, tenants, limits = new Map(), rows }: TableContent,
  subAccounts: ReadonlySet<string>,
): PolicyTable {
  const problems = [...repeatedIds(rows), ...strayTenants(tenants, subAccounts)];
  const known = { tenant: tenants, 'sub-account': subAccounts };
  const scope = { known, parts: createSharedParts() };
  const statements = rows.flatMap((row, index) =>
    compileRow(row, scope, (path, fault) => {
      const report = under(
        (where, what) => void problems.push(`${where}: ${what}`),
        placeOf(row, index),
      );
      report(path, fault);
    }),
  );
  if (problems.length > 0) throw new ConfigurationError(REFUSED, problems);
  return compilePolicyTable({ version, subAccountOf: tenants, limitsOf: limits }, statements);
}

/** A row as problems name it. */
function placeOf(row: unknown, index: number): string {
  const id = rowId(row);
  return `statements[${index}]${id === null ? '' : ` \`${id}\``}`;
}

function strayTenants(
  tenants: ReadonlyMap<string, string>,
  subAccounts: ReadonlySet<string>,
): string[] {
  return [...tenants]
    .filter(([, subAccount]) => !subAccounts.has(subAccount))
    .map(([tenant, own]) => `tenants.${tenant}.subAccount: \`${own}\` is not configured`);
}

function repeatedIds(rows: readonly unknown[]): string[] {
  const times = new Map<string, number>();
  const seen = new Set<unknown>();
  for (const row of rows) {
    const before = seen.size;
    if (seen.add(writtenId(row)).size > before) continue;
    // What is no id at all is told at its row.
    const id = rowId(row);
    if (id !== null) times.set(id, (times.get(id) ?? 1) + 1);
  }
  return [...times].map(([id, count]) => `statements: the id \`${id}\` stands ${count} times`);
}
