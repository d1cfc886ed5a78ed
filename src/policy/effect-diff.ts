import type { DecisionContext } from './context.ts';
import { type Decision, type DecisionRequest, decide } from './decide.ts';
import type { PolicyTable } from './policy-table.ts';
import { representativeRequests } from './representative-requests.ts';
import { type Standing, type Surroundings, standingOf } from './standing.ts';
import type { Statement } from './statement.ts';
import { writtenStatement } from './writing.ts';

/** A right that a tenant gains or loses from one table to another. */
export interface EffectChange {
  readonly tenant: string;
  readonly change: 'gains' | 'loses';
  readonly action: string;
  readonly operation: DecisionContext['operation'];
  /** A request that is decided otherwise, as both tables have decided it. */
  readonly witness: DecisionRequest;
  readonly before: Decision;
  readonly after: Decision;
  /** How many kinds of requests are decided so, the witness among them. */
  readonly kinds: number;
}

export interface EffectDiff {
  readonly changes: readonly EffectChange[];
  /** What could not be gone through, in words: empty when the changes are all that there are. */
  readonly limits: readonly string[];
}

/**
 * What a change of the table means: every right that a tenant gains or loses, each with a request
 * for which `decide` says so on both tables. Requests that are decided by the same statements are
 * one change.
 */
export function effectDiff(
  before: PolicyTable,
  after: PolicyTable,
  surroundings: Surroundings,
): EffectDiff {
  const tenants = new Set([...before.subAccountOf.keys(), ...after.subAccountOf.keys()]);
  const changes: EffectChange[] = [];
  const limits: string[] = [];
  for (const tenant of tenants) {
    const tables = [before, after].map((table) => ({
      table,
      standing: standingOf(tenant, table, surroundings),
    })) as [Standpoint, Standpoint];
    const found = changesOf(tables, surroundings.now);
    changes.push(...found.changes);
    limits.push(...Array.from(found.limits, (limit) => `${tenant}: ${limit}`));
  }
  return { changes, limits };
}

interface Standpoint {
  readonly table: PolicyTable;
  readonly standing: Standing;
}

function changesOf([before, after]: readonly [Standpoint, Standpoint], now: Date) {
  const changed = changedStatements(before.standing, after.standing);
  const isBound = isSameBinding(before.standing, after.standing);
  if (isBound && changed.size === 0) return { changes: [], limits: [] };
  const { requests, limits } = representativeRequests({
    standings: [before.standing, after.standing],
    now,
    // Where no changed statement speaks, both tables say the same.
    isWanted: (_, named) => !isBound || named.some((one) => changed.has(one)),
  });
  const found = new Map<string, EffectChange>();
  for (const request of requests) {
    const [was, is] = [decideAt(before, request), decideAt(after, request)];
    if (was.effect !== is.effect) note(found, { request, was, is });
  }
  return { changes: [...found.values()], limits };
}

/** What a request is decided by a table, in which the tenant may act as another sub-account. */
function decideAt({ table, standing }: Standpoint, request: DecisionRequest): Decision {
  return decide({ ...request, subAccount: standing.subAccount }, table);
}

function note(
  found: Map<string, EffectChange>,
  { request, was, is }: { request: DecisionRequest; was: Decision; is: Decision },
): void {
  const { tenant, action, context } = request;
  const key = JSON.stringify([context.operation, ...[was, is].map(groundsOf)]);
  const known = found.get(key);
  found.set(key, {
    tenant,
    change: is.effect === 'allow' ? 'gains' : 'loses',
    action,
    operation: context.operation,
    witness: known?.witness ?? request,
    before: known?.before ?? was,
    after: known?.after ?? is,
    kinds: (known?.kinds ?? 0) + 1,
  });
}

function groundsOf({ reason, statements }: Decision): unknown {
  return [reason, ...[...statements].sort()];
}

function isSameBinding(one: Standing, other: Standing): boolean {
  const names = [one, other].map(({ subAccount }) => subAccount?.name);
  return names[0] === names[1];
}

/** The statements that stand in one of the two alone; one that was only renamed is in neither. */
function changedStatements(before: Standing, after: Standing): ReadonlySet<Statement> {
  const [was, is] = [textsOf(before), textsOf(after)];
  return new Set([
    ...before.statements.filter((one) => !is.has(textOf(one))),
    ...after.statements.filter((one) => !was.has(textOf(one))),
  ]);
}

function textsOf({ statements }: Standing): ReadonlySet<string> {
  return new Set(statements.map(textOf));
}

function textOf(statement: Statement): string {
  const { id, ...rest } = writtenStatement(statement);
  return JSON.stringify(rest);
}
