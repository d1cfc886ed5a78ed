import { coversAction } from './applying.ts';
import { API_LEVEL_ACTIONS } from './ci-actions.ts';
import { type Comparison, comparisonsOf } from './comparisons.ts';
import { findConditionKey } from './condition-key.ts';
import { type ContextValues, contextValues } from './context.ts';
import type { DecisionRequest } from './decide.ts';
import { matchAccount, type ResourcePattern } from './resource.ts';
import type { Statement } from './statement.ts';
import { matchWildcard } from './wildcard.ts';
import { accountText, actionTexts, resourceText } from './writing.ts';

/** One element of a statement that does not fit a request. */
export type Miss =
  | { readonly element: 'action'; readonly asked: string; readonly wanted: readonly string[] }
  | {
      readonly element: 'resource';
      /** The segment that differs; `all`: only the pattern `*` would do. */
      readonly segment: 'service' | 'region' | 'account' | 'resource' | 'all';
      readonly asked: string;
      readonly wanted: string;
    }
  | {
      readonly element: 'condition';
      readonly operator: string;
      readonly key: string;
      readonly wanted: readonly unknown[];
      /** What the request has; null when it is missing. */
      readonly given: unknown;
      /** `fails`, or `open`: the request does not say, because of what `given` is. */
      readonly outcome: 'fails' | 'open';
    }
  | { readonly element: 'expires'; readonly ended: string };

/**
 * What of a statement does not fit a request: nothing when it applies. Of several resources it is
 * the one that comes closest.
 */
export function missesOf(statement: Statement, request: DecisionRequest): readonly Miss[] {
  const { action, context } = request;
  const values = contextValues(context);
  const { expiresAt } = statement;
  return [
    ...(coversAction(statement, action)
      ? []
      : [{ element: 'action' as const, asked: action, wanted: actionTexts(statement) }]),
    ...closestResource(statement, request),
    ...comparisonsOf(statement).flatMap((one) => comparisonMiss(one, values, request)),
    ...(expiresAt === null || values.time < expiresAt.getTime()
      ? []
      : [{ element: 'expires' as const, ended: expiresAt.toISOString() }]),
  ];
}

function closestResource({ resources }: Statement, request: DecisionRequest): readonly Miss[] {
  const candidates = resources.map((pattern) => resourceMisses(pattern, request));
  return candidates.reduce((best, one) => (one.length < best.length ? one : best));
}

type ResourceMiss = Miss & { readonly element: 'resource' };
type Segment = ResourceMiss['segment'];

/** What of a resource pattern does not fit a request: nothing when it covers its resource. */
export function resourceMisses(
  pattern: ResourcePattern,
  request: DecisionRequest,
): readonly ResourceMiss[] {
  if (pattern.matchesAll) return [];
  const { action, resource, subAccount } = request;
  const miss = (segment: Segment, asked: string, wanted: string): ResourceMiss[] => [
    { element: 'resource', segment, asked, wanted },
  ];
  if (API_LEVEL_ACTIONS.has(action)) return miss('all', '*', resourceText(pattern));
  const { path } = pattern;
  const { service, region, account } = pattern.scope;
  const owner = subAccount?.account ?? resource.account;
  const { appId } = resource.account;
  return [
    ...(differs(service, resource.service) ? miss('service', resource.service, service ?? '') : []),
    ...(differs(region, resource.region) ? miss('region', resource.region, region ?? '') : []),
    ...(matchAccount(account, resource.account, owner)
      ? []
      : miss('account', `uid/${appId}`, accountText(account))),
    ...(matchWildcard(path, resource.path) ? [] : miss('resource', resource.path, path)),
  ];
}

function differs(wanted: string | null, asked: string): boolean {
  return wanted !== null && wanted !== asked;
}

function comparisonMiss(
  { operator, key, values, test }: Comparison,
  context: ContextValues,
  request: DecisionRequest,
): readonly Miss[] {
  const truth = test(context);
  if (truth === true) return [];
  const outcome = truth === false ? 'fails' : 'open';
  const given = givenValue(key, context, request) ?? null;
  return [{ element: 'condition', operator, key, wanted: values, given, outcome }];
}

/** The request’s value of a key, as people write it. */
function givenValue(key: string, values: ContextValues, { context }: DecisionRequest): unknown {
  if (key === 'qcs:ip') return context.sourceAddress;
  if (key === 'qcs:current_time') return context.receivedAt.toISOString();
  const found = findConditionKey(key);
  return typeof found === 'string' ? undefined : found.read(values);
}
