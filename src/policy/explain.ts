import { type Decision, type DecisionRequest, decide } from './decide.ts';
import { type Miss, missesOf } from './misses.ts';
import { type NearestMiss, nearestMiss } from './nearest-miss.ts';
import type { PolicyTable } from './policy-table.ts';
import type { Statement } from './statement.ts';
import { type WrittenStatement, writtenStatement } from './writing.ts';

/** A decision with all that it rests on. */
export interface Explanation {
  readonly decision: Decision;
  /** The deciding statements, as they are written. */
  readonly deciding: readonly WrittenStatement[];
  /** Of `undecidable-deny`: the comparisons that cannot be told, by the deny that makes them. */
  readonly open: readonly OpenDeny[];
  /** Of `default-deny`. */
  readonly nearestMiss: NearestMiss | null;
}

export interface OpenDeny {
  readonly statement: string;
  readonly misses: readonly Miss[];
}

/** As many statements of one tenant are looked at for the nearest miss. */
const MAX_STATEMENTS = 10_000;

/** Decide a request and say why. */
export function explain(
  request: DecisionRequest,
  table: PolicyTable,
  maxStatements = MAX_STATEMENTS,
): Explanation {
  const decision = decide(request, table);
  const deciding = statementsNamed(decision, request, table);
  const isOpen = decision.reason === 'undecidable-deny';
  const isMissed = decision.reason === 'default-deny';
  return {
    decision,
    deciding: deciding.map(writtenStatement),
    open: isOpen
      ? deciding.map((one) => ({ statement: one.id, misses: missesOf(one, request) }))
      : [],
    nearestMiss: isMissed ? nearestMiss(request, table, maxStatements) : null,
  };
}

function statementsNamed(
  { statements }: Decision,
  { tenant, subAccount }: DecisionRequest,
  { byPrincipal }: PolicyTable,
): Statement[] {
  const wanted = new Set(statements);
  const principals = [`tenant/${tenant}`, `sub-account/${subAccount?.name}`];
  return principals
    .flatMap((principal) => byPrincipal.get(principal) ?? [])
    .filter(({ id }) => wanted.has(id));
}
