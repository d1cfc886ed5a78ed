import { API_LEVEL_ACTIONS } from './ci-actions.ts';
import { type ContextValues, contextValues, type DecisionContext } from './context.ts';
import type { Drawer } from './drawer.ts';
import type { PolicyTable } from './policy-table.ts';
import { matchScope, type Resource, type ResourceAccount } from './resource.ts';
import type { Run } from './runs.ts';
import type { Terms } from './shared-terms.ts';
import type { Effect } from './statement.ts';
import { type Entry, runsAbout } from './statement-index.ts';
import type { Truth } from './truth.ts';
import { matchWildcard, type Wildcard } from './wildcard.ts';

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
  /** The ids of the deciding statements, those that allow, deny or may deny; at most MAX_LISTED. */
  readonly statements: readonly string[];
  readonly tableVersion: string;
}

/** So many deciding statements are named; looking for more would change nothing. */
export const MAX_LISTED = 32;

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

  const { drawers, runs, entries } = table.index;
  const question: Question = {
    drawers: [drawers.tenant.get(tenant), drawers['sub-account'].get(subAccount.name)],
    action,
    resource: API_LEVEL_ACTIONS.has(action) ? '*' : resource,
    policyOwner: subAccount.account,
    context,
    values: null,
  };
  const candidates = { entries, runs: runsAbout(question.resource, question.drawers, runs) };
  const denials = collect(candidates, 'deny', question);
  if (denials.certain.length > 0) return verdict('explicit-deny', denials.certain);
  if (denials.open.length > 0) return verdict('undecidable-deny', denials.open);
  const { certain } = collect(candidates, 'allow', question);
  return certain.length > 0 ? verdict('allowed', certain) : verdict('default-deny');
}

interface Question {
  /** Whose statements hold. */
  readonly drawers: readonly (Drawer | undefined)[];
  readonly action: string;
  readonly resource: Resource | '*';
  /** Whom an empty account segment of a pattern means. */
  readonly policyOwner: ResourceAccount;
  readonly context: DecisionContext;
  /** Made from the context when the first condition asks. */
  values: ContextValues | null;
}

/** The ids of statements that apply, and of those that this request leaves open. */
interface Found {
  readonly certain: string[];
  readonly open: string[];
}

interface Candidates {
  readonly entries: readonly Entry[];
  readonly runs: readonly Run[];
}

function collect({ entries, runs }: Candidates, effect: Effect, question: Question): Found {
  const found: Found = { certain: [], open: [] };
  for (const run of runs) {
    const { from, to } = spanOf(run, effect);
    for (let place = from; place < to && found.certain.length < MAX_LISTED; place += 1) {
      const entry = entries[place];
      if (entry !== undefined) list(entry, applies(entry, question), found);
    }
  }
  return found;
}

/** In each run denials come first. */
function spanOf({ start, middle, end }: Run, effect: Effect): { from: number; to: number } {
  return effect === 'deny' ? { from: start, to: middle } : { from: middle, to: end };
}

/** A statement that several of its patterns reach is listed once. */
function list({ statement, alike }: Entry, truth: Truth, { certain, open }: Found): void {
  if (truth === false) return;
  const ids = truth === true ? certain : open;
  add(ids, statement.id);
  if (alike !== null) for (const id of alike.slice(0, MAX_LISTED)) add(ids, id);
}

function add(ids: string[], id: string): void {
  if (ids.length < MAX_LISTED && !ids.includes(id)) ids.push(id);
}

/**
 * What many statements share is asked first, because it is at hand; then the path of this one. The
 * condition comes last: it is the dearest, and few statements get that far.
 */
function applies({ terms, path }: Entry, question: Question): Truth {
  const { drawers, action, context } = question;
  // Another principal's statement may have the same key.
  if (!drawers.includes(terms.drawer) || !namesAction(terms, action)) return false;
  if (!coversResource(terms, path, question)) return false;
  if (terms.condition === null) return true;
  question.values ??= contextValues(context);
  return terms.condition(question.values);
}

function namesAction({ actions }: Terms, action: string): boolean {
  for (const { name } of actions) if (matchWildcard(name, action)) return true;
  return false;
}

function coversResource({ scope }: Terms, path: Wildcard, question: Question): boolean {
  if (scope === null) return true;
  const { resource, policyOwner } = question;
  if (resource === '*') return false;
  return matchScope(scope, resource, policyOwner) && matchWildcard(path, resource.path);
}
