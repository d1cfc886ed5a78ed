import type { PolicyTable } from './policy-table.ts';
import { matchResource, type Resource, type ResourceAccount } from './resource.ts';
import type { Effect, Statement } from './statement.ts';
import { matchWildcard } from './wildcard.ts';

/** What is asked of the table. */
export interface DecisionRequest {
  readonly tenant: string;
  readonly action: string;
  readonly resource: Resource;
  /** The sub-account the tenant acts as, with its main account; null when there is none. */
  readonly subAccount: { readonly name: string; readonly account: ResourceAccount } | null;
}

/** Why a decision came out as it did: a closed list. */
export type DecisionReason =
  | 'allowed'
  | 'explicit-deny'
  | 'default-deny'
  | 'unknown-tenant'
  | 'other-account';

/** The outcome for one request, with what it rests on: never a bare boolean. */
export interface Decision {
  readonly effect: Effect;
  readonly reason: DecisionReason;
  /** The ids of the deciding statements: all that allow, or all that deny. */
  readonly statements: readonly string[];
  readonly tableVersion: string;
}

/**
 * Decide one request: deny by default, deny wins, doubt denies. The order of statements never
 * matters.
 * Source: CAM documentation, "Evaluation Logic".
 */
export function decide(request: DecisionRequest, table: PolicyTable): Decision {
  const { tenant, subAccount, resource } = request;
  const verdict = (
    effect: Effect,
    reason: DecisionReason,
    statements: readonly Statement[] = [],
  ) => ({
    effect,
    reason,
    statements: statements.map(({ id }) => id),
    tableVersion: table.version,
  });

  if (subAccount === null) return verdict('deny', 'unknown-tenant');
  const { account } = subAccount;
  // A sub-account's key is only ever used on buckets of its own main account.
  if (account.appId !== resource.account.appId) return verdict('deny', 'other-account');

  const applying = [
    ...(table.byTenant.get(tenant) ?? []),
    ...(table.bySubAccount.get(subAccount.name) ?? []),
  ].filter((statement) => applies(statement, request, account));

  const denying = applying.filter(({ effect }) => effect === 'deny');
  if (denying.length > 0) return verdict('deny', 'explicit-deny', denying);
  if (applying.length > 0) return verdict('allow', 'allowed', applying);
  return verdict('deny', 'default-deny');
}

function applies(
  { actions, resources }: Statement,
  { action, resource }: DecisionRequest,
  policyOwner: ResourceAccount,
): boolean {
  return (
    actions.some((pattern) => matchWildcard(pattern, action)) &&
    resources.some((pattern) => matchResource(pattern, resource, policyOwner))
  );
}
