import type { SlimState } from '../slim/slim-configuration.ts';

/** What a bucket was found to be, compared with what its change wanted and with what was before. */
export type Finding = 'matches_intent' | 'matches_before' | 'matches_neither' | 'not_asked';

/** A change of which it is not known whether it took effect. */
export interface UnknownOutcome {
  readonly requestId: string;
  readonly tenant: string | null;
  readonly operation: {
    readonly name: 'enable' | 'disable';
    readonly region: string;
    readonly bucket: string;
    readonly modes: readonly string[];
    readonly suffixes: readonly string[];
  };
  /** By whose key the bucket is asked: the one that the intent names. */
  readonly subAccount: string;
  /** Null when it was not read. */
  readonly stateBefore: StateFacts | null;
}

/** A bucket's state as a record has it. */
export type StateFacts = {
  readonly [Member in keyof SlimState]: SlimState[Member] extends string
    ? string
    : readonly string[];
};

/** What asking came to. */
export interface ResolutionFacts {
  readonly finding: Finding;
  /** Null when the bucket could not be asked. */
  readonly state: StateFacts | null;
  /** Why not. */
  readonly code: string | null;
  readonly attempts: number;
  /** The tenant who ordered it; null: the gateway did it by itself. */
  readonly orderedBy: string | null;
}

type Members = Readonly<Record<string, unknown>>;

/** The change that a record tells of as unknown; null for every other record. */
export function unknownOutcomeOf(members: Members): UnknownOutcome | null {
  if (members.kind !== 'closing' || members.outcome !== 'unknown') return null;
  const { name, region, bucket, modes, suffixes } = membersOf(members.operation);
  const subAccount = membersOf(members.subAccount).name;
  const { requestId } = members;
  const isChange = name === 'enable' || name === 'disable';
  if (!isChange || !isText(region) || !isText(bucket) || !isText(requestId)) return null;
  return {
    requestId,
    tenant: textOf(membersOf(members.tenant).name),
    operation: { name, region, bucket, modes: textsOf(modes), suffixes: textsOf(suffixes) },
    subAccount: textOf(subAccount) ?? '',
    stateBefore: stateOf(members.stateBefore),
  };
}

/** Compare a bucket's state with what is known of a change; a match of the intent comes first. */
export function findingOf({ operation, stateBefore }: UnknownOutcome, state: StateFacts): Finding {
  const { name, modes, suffixes } = operation;
  // What a bucket that is off remembers does not count.
  const wanted = name === 'enable' ? { status: 'on', modes, suffixes } : OFF;
  if (isEqual(state, wanted)) return 'matches_intent';
  return stateBefore !== null && isEqual(state, stateBefore) ? 'matches_before' : 'matches_neither';
}

const OFF: StateFacts = { status: 'off', modes: [], suffixes: [] };

function isEqual(one: StateFacts, other: StateFacts): boolean {
  if (one.status !== other.status) return false;
  return one.status === 'off' || textOfState(one) === textOfState(other);
}

function textOfState({ modes, suffixes }: StateFacts): string {
  return JSON.stringify([modes.toSorted(), suffixes.toSorted()]);
}

function stateOf(value: unknown): StateFacts | null {
  const { status, modes, suffixes } = membersOf(value);
  return isText(status) ? { status, modes: textsOf(modes), suffixes: textsOf(suffixes) } : null;
}

function membersOf(value: unknown): Members {
  // Members of an object are looked at one by one; of anything else there are none.
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function textOf(value: unknown): string | null {
  return isText(value) ? value : null;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}
