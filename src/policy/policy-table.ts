import type { Statement } from './statement.ts';

/** All statements of all tenants, loaded together and never changed: a change is a new table. */
export interface PolicyTable {
  /** Digest of the text it was loaded from: names the table in decisions and records. */
  readonly version: string;
  /** The sub-account that each known tenant acts as. */
  readonly subAccountOf: ReadonlyMap<string, string>;
  readonly statements: readonly Statement[];
  /** Statements by the tenant they are attached to. */
  readonly byTenant: ReadonlyMap<string, readonly Statement[]>;
  /** Statements by the sub-account they are attached to. */
  readonly bySubAccount: ReadonlyMap<string, readonly Statement[]>;
}

/** Index the statements by principal, so that a decision looks at its own tenant's alone. */
export function compilePolicyTable(
  version: string,
  subAccountOf: ReadonlyMap<string, string>,
  statements: readonly Statement[],
): PolicyTable {
  const of = (kind: Statement['principal']['kind']) =>
    Map.groupBy(
      statements.filter(({ principal }) => principal.kind === kind),
      ({ principal }) => principal.name,
    );
  return Object.freeze({
    version,
    subAccountOf,
    statements,
    byTenant: of('tenant'),
    bySubAccount: of('sub-account'),
  });
}
