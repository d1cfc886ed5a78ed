import { applies } from './applying.ts';
import type { DecisionContext } from './context.ts';
import { type Decision, type DecisionRequest, decide } from './decide.ts';
import type { PolicyTable } from './policy-table.ts';
import { representativeRequests } from './representative-requests.ts';
import { type Surroundings, standingOf } from './standing.ts';
import { type WrittenStatement, writtenStatement } from './writing.ts';

/** What one allow gives a tenant. */
export interface Right {
  readonly statement: WrittenStatement;
  /** The operations that it allows at least sometimes; none when denies leave nothing of it. */
  readonly operations: readonly DecisionContext['operation'][];
  /** The denies that take away some of it, or all. */
  readonly deniedBy: readonly string[];
  /** A request that it allows; null when there is none. */
  readonly witness: DecisionRequest | null;
}

export interface Rights {
  readonly tenant: string;
  /** Null when the tenant is not in the table. */
  readonly subAccount: string | null;
  /** One for each allow that can apply to a request of the tenant. */
  readonly rights: readonly Right[];
  /** What could not be gone through, in words. */
  readonly limits: readonly string[];
}

/** Find everything that a tenant may do: each allow, with what the denies leave of it. */
export function can(tenant: string, table: PolicyTable, surroundings: Surroundings): Rights {
  const standing = standingOf(tenant, table, surroundings);
  const allows = standing.statements
    .filter(({ effect }) => effect === 'allow')
    .map((statement) => ({ statement, gathered: nothingYet() }));
  const { requests, limits } = representativeRequests({
    standings: [standing],
    now: surroundings.now,
  });
  for (const request of requests) {
    const decision = decide(request, table);
    for (const { statement, gathered } of allows) {
      if (applies(statement, request) === true) gather(gathered, request, decision);
    }
  }
  return {
    tenant,
    subAccount: standing.subAccount?.name ?? null,
    rights: allows
      .filter(({ gathered }) => gathered.operations.size + gathered.deniedBy.size > 0)
      .map(({ statement, gathered: { operations, deniedBy, witness } }) => ({
        statement: writtenStatement(statement),
        operations: [...operations],
        deniedBy: [...deniedBy],
        witness,
      })),
    limits: [...limits],
  };
}

interface Gathered {
  readonly operations: Set<DecisionContext['operation']>;
  readonly deniedBy: Set<string>;
  witness: DecisionRequest | null;
}

function nothingYet(): Gathered {
  return { operations: new Set(), deniedBy: new Set(), witness: null };
}

function gather(gathered: Gathered, request: DecisionRequest, decision: Decision): void {
  if (decision.effect === 'allow') {
    gathered.operations.add(request.context.operation);
    gathered.witness ??= request;
  } else for (const id of decision.statements) gathered.deniedBy.add(id);
}
