import type { ResourcePattern, ResourceScope } from './resource.ts';
import type { Statement } from './statement.ts';
import { matchWildcard } from './wildcard.ts';

/** Whether one statement applies to every request to which another one does. */
export function coversStatement(wide: Statement, narrow: Statement): boolean {
  return (
    holdsWhenever(wide, narrow) &&
    narrow.actions.every(({ name }) => wide.actions.some((one) => coversText(one.name, name))) &&
    narrow.resources.every((pattern) => wide.resources.some((one) => coversPattern(one, pattern)))
  );
}

/** Without a condition and an end of its own, or with the same condition and no earlier end. */
function holdsWhenever(wide: Statement, narrow: Statement): boolean {
  const end = (one: Statement) => one.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (end(wide) < end(narrow)) return false;
  if (wide.writtenCondition === null) return true;
  return JSON.stringify(wide.writtenCondition) === JSON.stringify(narrow.writtenCondition);
}

function coversPattern(wide: ResourcePattern, narrow: ResourcePattern): boolean {
  if (wide.matchesAll) return true;
  if (narrow.matchesAll) return false;
  return coversScope(wide.scope, narrow.scope) && coversText(wide.path, narrow.path);
}

function coversScope(wide: ResourceScope, narrow: ResourceScope): boolean {
  return (
    (wide.service === null || wide.service === narrow.service) &&
    (wide.region === null || wide.region === narrow.region) &&
    (wide.account.kind === 'any' || JSON.stringify(wide.account) === JSON.stringify(narrow.account))
  );
}

/** A star of the narrow pattern is a character like any other, which only a star matches. */
const coversText = matchWildcard;

/**
 * Finds which statements of a list cover another one, without looking at all of them.
 * A statement whose resources all begin with a bucket’s whole name covers nothing outside of these.
 */
export interface CoverSearch {
  coverOf(statement: Statement): Statement | null;
  /** Whether all have been looked at that may cover something. */
  readonly isComplete: boolean;
}

/** As many statements that are about no bucket in particular are compared with each other one. */
const MAX_WIDE = 1_000;

export function searchCovers(statements: readonly Statement[]): CoverSearch {
  const order = new Map(statements.map((one, index) => [one, index]));
  const wide: Statement[] = [];
  const byBucket = new Map<string, Statement[]>();
  for (const statement of statements) {
    const buckets = bucketsOf(statement);
    if (buckets.length === 0) wide.push(statement);
    for (const bucket of buckets) {
      const filed = byBucket.get(bucket);
      if (filed === undefined) byBucket.set(bucket, [statement]);
      else filed.push(statement);
    }
  }
  const compared = wide.slice(0, MAX_WIDE);
  return {
    isComplete: compared.length === wide.length,
    coverOf(statement) {
      const near = bucketsOf(statement).flatMap((bucket) => byBucket.get(bucket) ?? []);
      const covers = [...near, ...compared].find((one) => isCover(one, statement));
      return covers ?? null;
    },
  };

  /** Of two that cover each other the first one stays. */
  function isCover(one: Statement, statement: Statement): boolean {
    if (one === statement || !coversStatement(one, statement)) return false;
    const [its, own] = [order.get(one) ?? 0, order.get(statement) ?? Number.POSITIVE_INFINITY];
    return its < own || one.effect !== statement.effect || !coversStatement(statement, one);
  }
}

const BUCKET = /^bucket\/[^*/]+\//;

/** The buckets that a statement names; none when it may be about others too. */
function bucketsOf({ resources }: Statement): string[] {
  const buckets = resources.map((pattern) =>
    pattern.matchesAll ? undefined : BUCKET.exec(pattern.path)?.[0],
  );
  return buckets.includes(undefined) ? [] : [...new Set(buckets.flatMap((one) => one ?? []))];
}
