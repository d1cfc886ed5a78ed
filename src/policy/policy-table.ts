import { principalText, type Statement } from './statement.ts';
import { indexStatements, type StatementIndex } from './statement-index.ts';

/** A tenant's own limits; what is left out is as configured. */
export interface TenantLimits {
  readonly requestsPerSecond?: number | undefined;
  readonly burst?: number | undefined;
  readonly concurrentRequests?: number | undefined;
}

/** All statements of all tenants, loaded together and never changed: a change is a new table. */
export interface PolicyTable {
  /** Digest of the text it was loaded from: names the table in decisions and records. */
  readonly version: string;
  /** The sub-account that each known tenant acts as. */
  readonly subAccountOf: ReadonlyMap<string, string>;
  /** The limits of the tenants that have their own. */
  readonly limitsOf: ReadonlyMap<string, TenantLimits>;
  readonly statements: readonly Statement[];
  /** Statements by their principal, like `tenant/photos`, in the order of the table. */
  readonly byPrincipal: ReadonlyMap<string, readonly Statement[]>;
  /** All statements as a decision finds them. */
  readonly index: StatementIndex;
}

/** Index the statements, so that a decision looks at few of them, however many there are. */
export function compilePolicyTable(
  { version, subAccountOf, limitsOf }: Pick<PolicyTable, 'version' | 'subAccountOf' | 'limitsOf'>,
  statements: readonly Statement[],
): PolicyTable {
  return Object.freeze({
    version,
    subAccountOf,
    limitsOf,
    statements,
    byPrincipal: groupByPrincipal(statements),
    index: indexStatements(statements),
  });
}

function groupByPrincipal(statements: readonly Statement[]): PolicyTable['byPrincipal'] {
  // A principal is one value in a table, so that its text is made once.
  const groups = [...Map.groupBy(statements, ({ principal }) => principal)];
  return new Map(groups.map(([principal, group]) => [principalText(principal), group]));
}
