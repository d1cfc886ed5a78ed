import { coversAction } from './applying.ts';
import { type Decision, type DecisionRequest, decide } from './decide.ts';
import type { PolicyTable } from './policy-table.ts';
import { representativeRequests } from './representative-requests.ts';
import { matchResource, type ResourcePattern } from './resource.ts';
import { type Standing, type Surroundings, standingOf } from './standing.ts';

/** A tenant that may do something, at least sometimes. */
export interface Holder {
  readonly tenant: string;
  readonly subAccount: string;
  /** Whether it may do so whatever else its request says; otherwise it depends. */
  readonly isAlways: boolean;
  /** The ids of all statements that allow some of it, and of those that deny some of it. */
  readonly allowing: readonly string[];
  readonly denying: readonly string[];
  /** A request that is allowed. */
  readonly witness: DecisionRequest;
  /** One that is not; null when all are. */
  readonly counterexample: DecisionRequest | null;
}

export interface Holders {
  readonly holders: readonly Holder[];
  /** What could not be gone through, in words. */
  readonly limits: readonly string[];
}

export interface RightAsked {
  readonly action: string;
  readonly resource: ResourcePattern;
}

/** Find every tenant that may do an action on some resource of a pattern. */
export function whoCan(asked: RightAsked, table: PolicyTable, surroundings: Surroundings): Holders {
  const limits: string[] = [];
  const holders: Holder[] = [];
  for (const tenant of table.subAccountOf.keys()) {
    const standing = standingOf(tenant, table, surroundings);
    if (!standing.statements.some((one) => coversAction(one, asked.action))) continue;
    const found = decisionsAbout(asked, { table, standing, now: surroundings.now });
    const holder = holderOf(standing, found.decided);
    if (holder !== null) holders.push(holder);
    limits.push(...Array.from(found.limits, (limit) => `${tenant}: ${limit}`));
  }
  return { holders, limits };
}

interface Decided {
  readonly request: DecisionRequest;
  readonly decision: Decision;
}

interface Place {
  readonly table: PolicyTable;
  readonly standing: Standing;
  readonly now: Date;
}

function decisionsAbout({ action, resource }: RightAsked, { table, standing, now }: Place) {
  const places = resource.matchesAll
    ? {}
    : {
        paths: [resource.path],
        ...(resource.scope.region !== null && { regions: [resource.scope.region] }),
      };
  const { requests, limits } = representativeRequests({
    standings: [standing],
    now,
    ...places,
    isWanted: (request) => request.action === action && isAbout(resource, request),
  });
  const decided = Array.from(requests, (request) => ({
    request,
    decision: decide(request, table),
  }));
  return { decided, limits };
}

function isAbout(pattern: ResourcePattern, { resource, subAccount }: DecisionRequest): boolean {
  return matchResource(pattern, resource, subAccount?.account ?? resource.account);
}

function holderOf({ tenant, subAccount }: Standing, decided: readonly Decided[]): Holder | null {
  const isAllowed = ({ decision }: Decided) => decision.effect === 'allow';
  const witness = decided.find(isAllowed);
  if (witness === undefined || subAccount === null) return null;
  const denied = decided.filter((one) => !isAllowed(one));
  const idsOf = (some: readonly Decided[]) => [
    ...new Set(some.flatMap(({ decision }) => decision.statements)),
  ];
  return {
    tenant,
    subAccount: subAccount.name,
    isAlways: denied.length === 0,
    allowing: idsOf(decided.filter(isAllowed)),
    denying: idsOf(denied),
    witness: witness.request,
    counterexample: denied[0]?.request ?? null,
  };
}
