import { coversResource } from './applying.ts';
import type { DecisionRequest } from './decide.ts';
import type { PolicyTable } from './policy-table.ts';
import type { ResourceAccount } from './resource.ts';
import type { Statement } from './statement.ts';

/** What an analysis needs to know beside the table. */
export interface Surroundings {
  /** The main account of a configured sub-account; null when there is none of that name. */
  readonly accountOf: (subAccount: string) => ResourceAccount | null;
  readonly now: Date;
}

/** A tenant in a table: whom it acts as, and all statements that hold for it. */
export interface Standing {
  readonly tenant: string;
  /** Null when it is not in the table. */
  readonly subAccount: DecisionRequest['subAccount'];
  readonly statements: readonly Statement[];
}

export function standingOf(
  tenant: string,
  table: PolicyTable,
  { accountOf }: Pick<Surroundings, 'accountOf'>,
): Standing {
  const name = table.subAccountOf.get(tenant);
  const account = name === undefined ? null : accountOf(name);
  if (name === undefined || account === null) return { tenant, subAccount: null, statements: [] };
  return {
    tenant,
    subAccount: { name, account },
    statements: [...ownStatements(tenant, table), ...ofSubAccount(name, table)],
  };
}

/**
 * The statements that hold for the tenant of a request, those that name its resource first.
 * @param atMost so many are looked at
 */
export function likelyStatements(
  request: DecisionRequest,
  table: PolicyTable,
  atMost: number,
): readonly Statement[] {
  const statements = firstStatements(request, table, atMost);
  const naming = new Set(statements.filter((one) => coversResource(one, request)));
  return [...naming, ...statements.filter((one) => !naming.has(one))];
}

/** So many of the statements that hold for the tenant of a request, in the order of the table. */
export function firstStatements(
  { tenant, subAccount }: DecisionRequest,
  table: PolicyTable,
  atMost: number,
): readonly Statement[] {
  const own = ownStatements(tenant, table).slice(0, atMost);
  const shared = ofSubAccount(subAccount?.name ?? '', table).slice(0, atMost - own.length);
  return [...own, ...shared];
}

function ownStatements(tenant: string, table: PolicyTable): readonly Statement[] {
  return table.byPrincipal.get(`tenant/${tenant}`) ?? [];
}

function ofSubAccount(subAccount: string, table: PolicyTable): readonly Statement[] {
  return table.byPrincipal.get(`sub-account/${subAccount}`) ?? [];
}
