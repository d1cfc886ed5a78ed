import { coversAction } from './applying.ts';
import { someBucket } from './bucket-names.ts';
import { CALLS, type Call } from './calls.ts';
import { type Aspect, type Comparison, comparisonsOf } from './comparisons.ts';
import { contextValues } from './context.ts';
import type { DecisionRequest } from './decide.ts';
import { resourceMisses } from './misses.ts';
import { representatives } from './representatives.ts';
import type { ResourcePattern } from './resource.ts';
import type { Statement } from './statement.ts';
import { type AspectValue, everyWay, withBucket, withValue } from './vary.ts';

/** Of each aspect at most so many values are tried. */
const MAX_VALUES = 3;

/**
 * Requests to which a statement applies, and which differ from a given one only in what did not
 * fit: a few at most, the likest first; none when no request of this tenant can be made to fit.
 */
export function* satisfying(
  statement: Statement,
  request: DecisionRequest,
): Generator<DecisionRequest, void, void> {
  const comparisons = comparisonsOf(statement);
  for (const placed of placedRequests(statement, request)) {
    const choices = openAspects(statement, comparisons, placed).map((aspect) =>
      fittingValues(aspect, { statement, comparisons, request: placed }),
    );
    yield* everyWay(placed, choices);
  }
}

/** The request on a bucket that the statement names: its own where it does. */
function* placedRequests(
  { resources }: Statement,
  request: DecisionRequest,
): Generator<DecisionRequest, void, void> {
  const sorted = resources
    .map((pattern) => ({ pattern, misses: resourceMisses(pattern, request) }))
    .sort((one, other) => one.misses.length - other.misses.length);
  for (const { pattern, misses } of sorted.slice(0, MAX_VALUES)) {
    const segments = misses.map(({ segment }) => segment);
    if (segments.length === 0) yield request;
    else if (segments.every((segment) => segment === 'region' || segment === 'resource')) {
      const moved = movedTo(pattern, request, segments.includes('resource'));
      if (moved !== null) yield moved;
    }
  }
}

function movedTo(
  pattern: ResourcePattern,
  request: DecisionRequest,
  isAnotherBucket: boolean,
): DecisionRequest | null {
  const { resource } = request;
  const own = /^bucket\/([^/]+)\/$/.exec(resource.path)?.[1] ?? null;
  const bucket = isAnotherBucket ? someBucket(pattern, resource.account.appId) : own;
  const region = (pattern.matchesAll ? null : pattern.scope.region) ?? resource.region;
  return bucket === null ? null : withBucket(request, { region, bucket });
}

/** What of the request, beside its bucket, the statement does not fit. */
function openAspects(
  statement: Statement,
  comparisons: readonly Comparison[],
  request: DecisionRequest,
): Aspect[] {
  const values = contextValues(request.context);
  const open = new Set(
    comparisons.filter(({ test }) => test(values) !== true).map(({ aspect }) => aspect),
  );
  if (!coversAction(statement, request.action)) open.add('call');
  if (!isInForce(statement, values.time)) open.add('time');
  return [...open];
}

interface Fitting {
  readonly statement: Statement;
  readonly comparisons: readonly Comparison[];
  readonly request: DecisionRequest;
}

function fittingValues(aspect: Aspect, { statement, comparisons, request }: Fitting) {
  const own = comparisons.filter((one) => one.aspect === aspect);
  const { expiresAt } = statement;
  const { values } = representatives(aspect, own, [
    request.context.receivedAt.getTime(),
    ...(expiresAt === null ? [] : [expiresAt.getTime()]),
  ]);
  return values
    .filter((value) => {
      const asked = withValue(request, value);
      const context = contextValues(asked.context);
      if (aspect === 'call' && !coversAction(statement, asked.action)) return false;
      if (aspect === 'time' && !isInForce(statement, context.time)) return false;
      return own.every(({ test }) => test(context) === true);
    })
    .sort((one, other) => strangeness(one, request) - strangeness(other, request))
    .slice(0, MAX_VALUES);
}

function isInForce({ expiresAt }: Statement, time: number): boolean {
  return expiresAt === null || time < expiresAt.getTime();
}

/** How unlike the request a value is; only calls and moments can be more or less like it. */
function strangeness(value: AspectValue, { context }: DecisionRequest): number {
  if ('time' in value) return Math.abs(value.time - context.receivedAt.getTime());
  if (!('call' in value)) return 0;
  const { operation, configuration } = value.call;
  const words = (one: Call['configuration']) => [...(one?.modes ?? []), ...(one?.suffixes ?? [])];
  const [given, other] = [words(context.configuration), words(configuration)];
  const differing = [
    ...given.filter((word) => !other.includes(word)),
    ...other.filter((word) => !given.includes(word)),
  ];
  return differing.length + (operation === context.operation ? 0 : CALLS.length);
}
