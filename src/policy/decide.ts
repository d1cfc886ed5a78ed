import { API_LEVEL_ACTIONS } from './ci-actions.ts';
import { type ContextValues, contextValues, type DecisionContext } from './context.ts';
import type { PolicyTable } from './policy-table.ts';
import { matchResource, type Resource, type ResourceAccount } from './resource.ts';
import type { Effect, Statement } from './statement.ts';
import { candidates, type StatementIndex } from './statement-index.ts';
import type { Truth } from './truth.ts';
import { matchWildcard } from './wildcard.ts';

/** What is asked of the table. */
export interface DecisionRequest {
  readonly tenant: string;
  readonly action: string;
  readonly resource: Resource;
  /** The sub-account the tenant acts as, with its main account; null when there is none. */
  readonly subAccount: { readonly name: string; readonly account: ResourceAccount } | null;
  readonly context: DecisionContext;
}

/** Why a decision came out as it did: a closed list. */
export type DecisionReason =
  | 'allowed'
  | 'explicit-deny'
  /** No deny applies for certain, but one has a condition that this request leaves open. */
  | 'undecidable-deny'
  | 'default-deny'
  | 'unknown-tenant'
  | 'other-account';

/** The outcome for one request, with what it rests on: never a bare boolean. */
export interface Decision {
  readonly effect: Effect;
  readonly reason: DecisionReason;
  /** The ids of the deciding statements: all that allow, all that deny, or all that may deny. */
  readonly statements: readonly string[];
  readonly tableVersion: string;
}

/**
 * Decide one request: deny by default, deny wins, doubt denies. The order of statements never
 * matters.
 * Source: CAM documentation, "Evaluation Logic"; where it is open, docs/policy.md says what we do.
 */
export function decide(request: DecisionRequest, table: PolicyTable): Decision {
  const { tenant, action, resource, subAccount, context } = request;
  const verdict = (reason: DecisionReason, statements: readonly string[] = []): Decision => ({
    effect: reason === 'allowed' ? 'allow' : 'deny',
    reason,
    statements,
    tableVersion: table.version,
  });
  if (subAccount === null) return verdict('unknown-tenant');
  // A sub-account's key is only ever used on buckets of its own main account.
  if (subAccount.account.appId !== resource.account.appId) return verdict('other-account');

  const found: Found = { allowing: [], denying: [], undecidable: [] };
  const question: Question = {
    action,
    resource: API_LEVEL_ACTIONS.has(action) ? '*' : resource,
    policyOwner: subAccount.account,
    context,
    values: null,
  };
  collect(table.byTenant.get(tenant), question, found);
  collect(table.bySubAccount.get(subAccount.name), question, found);

  if (found.denying.length > 0) return verdict('explicit-deny', found.denying);
  if (found.undecidable.length > 0) return verdict('undecidable-deny', found.undecidable);
  if (found.allowing.length > 0) return verdict('allowed', found.allowing);
  return verdict('default-deny');
}

interface Found {
  readonly allowing: string[];
  readonly denying: string[];
  readonly undecidable: string[];
}

interface Question {
  readonly action: string;
  readonly resource: Resource | '*';
  /** Whom an empty account segment of a pattern means. */
  readonly policyOwner: ResourceAccount;
  readonly context: DecisionContext;
  /** Made from the context when the first condition asks. */
  values: ContextValues | null;
}

function collect(index: StatementIndex | undefined, question: Question, found: Found): void {
  if (index === undefined) return;
  for (const statements of candidates(index, question.resource)) {
    for (const statement of statements) file(statement, applies(statement, question), found);
  }
}

function file({ id, effect }: Statement, truth: Truth, found: Found): void {
  if (effect === 'allow') {
    if (truth === true) found.allowing.push(id);
  } else if (truth !== false) {
    (truth === true ? found.denying : found.undecidable).push(id);
  }
}

/** Conditions come last: they are the dearest, and few statements get that far. */
function applies(statement: Statement, question: Question): Truth {
  if (!namesAction(statement, question) || !namesResource(statement, question)) return false;
  if (statement.condition === null) return true;
  question.values ??= contextValues(question.context);
  return statement.condition(question.values);
}

function namesAction({ actions }: Statement, { action }: Question): boolean {
  for (const { name } of actions) if (matchWildcard(name, action)) return true;
  return false;
}

function namesResource({ resources }: Statement, { resource, policyOwner }: Question): boolean {
  for (const pattern of resources) {
    if (matchResource(pattern, resource, policyOwner)) return true;
  }
  return false;
}
