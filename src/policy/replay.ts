import { coversAction, coversResource } from './applying.ts';
import { type Comparison, comparisonsOf } from './comparisons.ts';
import { contextValues, type DecisionContext } from './context.ts';
import { type Decision, type DecisionRequest, decide } from './decide.ts';
import type { PolicyTable } from './policy-table.ts';
import { type RecordedDecision, recordedDecision, requestOf } from './recorded-decision.ts';
import { type Standing, type Surroundings, standingOf } from './standing.ts';
import type { Effect, Statement } from './statement.ts';
import { conjunction, type Truth } from './truth.ts';

/** Recorded decisions of a tenant that would come out otherwise. */
export interface Flip {
  readonly tenant: string;
  readonly operation: DecisionContext['operation'];
  /** What they would be; they were the other. */
  readonly becomes: Effect;
  readonly count: number;
  /** The latest of them. */
  readonly examples: readonly FlipExample[];
}

export interface FlipExample {
  readonly requestId: string;
  readonly request: DecisionRequest;
  readonly before: RecordedDecision;
  readonly after: Decision;
}

/** Recorded decisions of a tenant of which nothing can be said. */
export interface NotReplayable {
  readonly tenant: string;
  readonly why: string;
  readonly count: number;
  /** The latest of them, by request id. */
  readonly examples: readonly string[];
}

export interface Replay {
  /** Records that have a decision; the three below it are their parts. */
  readonly decisions: number;
  readonly unchanged: number;
  readonly flipped: number;
  readonly unknown: number;
  readonly flips: readonly Flip[];
  readonly notReplayable: readonly NotReplayable[];
}

type Records = AsyncIterable<Readonly<Record<string, unknown>>>;

const MAX_EXAMPLES = 5;

/**
 * Take every recorded decision again under a proposed table. Where the proposed table asks for what
 * a record does not have, a claim or an address, and either outcome is possible, the record is not
 * replayable: it is never taken for unchanged.
 */
export async function replay(
  records: Records,
  proposed: PolicyTable,
  surroundings: Pick<Surroundings, 'accountOf'>,
): Promise<Replay> {
  const count = { decisions: 0, unchanged: 0, flipped: 0, unknown: 0 };
  const flips = new Map<string, Flip>();
  const notReplayable = new Map<string, NotReplayable>();
  const standings = new Map<string, Standing>();
  for await (const record of records) {
    const outcome = outcomeOf(record, (tenant) => {
      const standing = standings.get(tenant) ?? standingOf(tenant, proposed, surroundings);
      standings.set(tenant, standing);
      return { standing, proposed };
    });
    if (outcome === null) continue;
    count.decisions += 1;
    count[outcome.became] += 1;
    if (outcome.became === 'flipped') noteFlip(flips, outcome.example);
    if (outcome.became === 'unknown') noteUnknown(notReplayable, outcome);
  }
  return { ...count, flips: [...flips.values()], notReplayable: [...notReplayable.values()] };
}

type Outcome =
  | { readonly became: 'unchanged' }
  | { readonly became: 'flipped'; readonly example: FlipExample }
  | {
      readonly became: 'unknown';
      readonly tenant: string;
      readonly requestId: string;
      readonly why: string;
    };

interface Place {
  readonly standing: Standing;
  readonly proposed: PolicyTable;
}

function outcomeOf(
  record: Readonly<Record<string, unknown>>,
  placeOf: (tenant: string) => Place,
): Outcome | null {
  const before = recordedDecision(record);
  if (before === null) return null;
  const unknown = (why: string): Outcome => {
    const { tenant, requestId } = typeof before === 'string' ? NOT_NAMED : before;
    return { became: 'unknown', tenant, requestId, why };
  };
  if (typeof before === 'string') return unknown(before);
  const { standing, proposed } = placeOf(before.tenant);
  const request = requestOf(before, standing.subAccount);
  if (typeof request === 'string') return unknown(request);
  const missing = missingFact(request, standing);
  if (missing !== null) return unknown(missing);
  const after = decide(request, proposed);
  if (after.effect === before.effect) return { became: 'unchanged' };
  const { requestId } = before;
  return { became: 'flipped', example: { requestId, request, before, after } };
}

const NOT_NAMED = { tenant: '(not recorded)', requestId: '(not recorded)' };

/**
 * The fact on which the outcome may hang and which the record does not have; null when it comes
 * out the same whatever that fact was.
 */
function missingFact(
  request: DecisionRequest,
  { statements, subAccount }: Standing,
): string | null {
  if (subAccount?.account.appId !== request.resource.account.appId) return null;
  const judged = statements
    .filter((one) => coversAction(one, request.action) && coversResource(one, request))
    .map((statement) => ({ ...statement, ...judge(statement, request) }));
  const some = (effect: Effect, truths: readonly Truth[], isKnown: boolean) =>
    judged.some(
      (one) =>
        one.effect === effect &&
        truths.includes(one.truth) &&
        (one.needed.length === 0) === isKnown,
    );
  const mayDeny = some('deny', [true, 'unknown'], false);
  const mayAllow = some('allow', [true, 'unknown'], false);
  if (some('deny', [true, 'unknown'], true)) return null;
  const isAllowed = some('allow', [true], true);
  const isOpen = mayDeny ? isAllowed || mayAllow : mayAllow && !isAllowed;
  if (!isOpen) return null;
  const keys = new Set(judged.flatMap((one) => (one.truth === false ? [] : one.needed)));
  return `the record does not have ${[...keys].map((key) => `\`${key}\``).join(', ')}`;
}

/** What a statement answers by the recorded facts alone, and the keys that it asks beside them. */
function judge(
  statement: Statement,
  request: DecisionRequest,
): { readonly truth: Truth; readonly needed: readonly string[] } {
  const values = contextValues(request.context);
  const comparisons = comparisonsOf(statement);
  const isRecorded = ({ aspect }: Comparison) =>
    aspect === 'address'
      ? request.context.sourceAddress !== null
      : aspect === 'call' || aspect === 'time';
  const isInForce = statement.expiresAt === null || values.time < statement.expiresAt.getTime();
  const truth = conjunction(comparisons.filter(isRecorded), ({ test }) => test(values));
  return {
    truth: isInForce ? truth : false,
    needed: comparisons.filter((one) => !isRecorded(one)).map(({ key }) => key),
  };
}

function noteFlip(flips: Map<string, Flip>, example: FlipExample): void {
  const { tenant, context } = example.request;
  const { operation } = context;
  const becomes = example.after.effect;
  const key = JSON.stringify([tenant, operation, becomes]);
  const known = flips.get(key);
  const examples = [...(known?.examples ?? []), example].slice(-MAX_EXAMPLES);
  flips.set(key, { tenant, operation, becomes, count: (known?.count ?? 0) + 1, examples });
}

function noteUnknown(
  found: Map<string, NotReplayable>,
  { tenant, requestId, why }: Outcome & { became: 'unknown' },
): void {
  const key = JSON.stringify([tenant, why]);
  const known = found.get(key);
  const examples = [...(known?.examples ?? []), requestId].slice(-MAX_EXAMPLES);
  found.set(key, { tenant, why, count: (known?.count ?? 0) + 1, examples });
}
