import { coversAction, coversResource } from './applying.ts';
import { type DecisionRequest, decide } from './decide.ts';
import { type Miss, missesOf, resourceMisses } from './misses.ts';
import type { PolicyTable } from './policy-table.ts';
import { satisfying } from './satisfying.ts';
import { firstStatements, likelyStatements } from './standing.ts';
import type { Statement } from './statement.ts';

/** The allow that came closest to a request which nothing allows. */
export interface NearestMiss {
  readonly statement: string;
  /** What did not fit, in the order of a statement’s elements. */
  readonly misses: readonly Miss[];
  /**
   * The request with that, and nothing else, changed so that the table allows it; null when a deny
   * would meet what was tried.
   */
  readonly allowed: DecisionRequest | null;
  /** The denies that would meet it then. */
  readonly deniedBy: readonly string[];
}

/** How far a miss is from a fit: facts change more easily than what was asked for. */
const DISTANCE: Readonly<Record<Miss['element'], number>> = {
  condition: 1,
  expires: 1,
  resource: 2,
  action: 4,
};

/** So many of the closest statements are tried. */
const MAX_TRIED = 8;

/**
 * Find the closest allow among the statements that hold for the tenant of a request. Its time is
 * bounded by the number of statements that are looked at: those about the bucket come first.
 * @returns null when nothing that the tenant could ask differs from the request in what did not fit
 */
export function nearestMiss(
  request: DecisionRequest,
  table: PolicyTable,
  maxStatements: number,
): NearestMiss | null {
  let second: NearestMiss | null = null;
  for (const { statement, misses } of closest(request, table, maxStatements)) {
    for (const allowed of satisfying(statement, request)) {
      const { id } = statement;
      const { effect, statements } = decide(allowed, table);
      if (effect === 'allow') return { statement: id, misses, allowed, deniedBy: [] };
      second ??= { statement: id, misses, allowed: null, deniedBy: statements };
    }
  }
  return second;
}

/** Of the statements that name action and resource equally well, so many have their conditions read. */
const MAX_READ = 2;

/**
 * The closest allow as nearestMiss ranks them, without trying whether the table would then allow:
 * cheap enough for every denial. Another statement may be the one that helps.
 */
export function closestAllow(
  request: DecisionRequest,
  table: PolicyTable,
  maxStatements: number,
): Candidate | null {
  let best: Statement[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const statement of firstStatements(request, table, maxStatements)) {
    if (statement.effect === 'deny') continue;
    const distance = distanceOfNames(statement, request);
    if (distance < least) [best, least] = [[], distance];
    if (distance === least && best.length < MAX_READ) best.push(statement);
  }
  const read = best.map((statement) => ({ statement, misses: missesOf(statement, request) }));
  const [first = null, ...others] = read;
  return others.reduce(
    (closest, one) => (closest && closest.misses.length <= one.misses.length ? closest : one),
    first,
  );
}

function distanceOfNames(statement: Statement, request: DecisionRequest): number {
  const action = coversAction(statement, request.action) ? 0 : DISTANCE.action;
  if (coversResource(statement, request)) return action;
  const misses = statement.resources.map((pattern) => resourceMisses(pattern, request).length);
  return action + DISTANCE.resource * Math.min(...misses);
}

interface Candidate {
  readonly statement: Statement;
  readonly misses: readonly Miss[];
}

function closest(
  request: DecisionRequest,
  table: PolicyTable,
  maxStatements: number,
): readonly Candidate[] {
  const found: (Candidate & { distance: number })[] = [];
  for (const statement of likelyStatements(request, table, maxStatements)) {
    if (statement.effect === 'deny') continue;
    const misses = missesOf(statement, request);
    const distance = misses.reduce((sum, { element }) => sum + DISTANCE[element], 0);
    found.push({ statement, misses, distance });
  }
  return found.sort((one, other) => one.distance - other.distance).slice(0, MAX_TRIED);
}
