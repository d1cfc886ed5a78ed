import { adminResource, SLIMGATE_ACTIONS } from './admin-operation.ts';
import { CALLS } from './calls.ts';
import type { DecisionRequest } from './decide.ts';
import type { Resource, ResourceAccount } from './resource.ts';
import type { Effect } from './statement.ts';

/** A decision as an audit record tells it, as far as it does. */
export interface RecordedDecision {
  readonly requestId: string;
  readonly tenant: string;
  readonly effect: Effect;
  readonly reason: string;
  readonly operation: string;
  readonly region: string;
  readonly bucket: string;
  readonly action: string;
  readonly modes: readonly string[] | null;
  readonly suffixes: readonly string[] | null;
  /** Null: the record does not say. */
  readonly sourceAddress: string | null;
  /** ISO 8601. */
  readonly receivedAt: string;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Read the decision out of an audit record.
 * @returns null when it has none: it is of another kind, or nothing came to a decision; a text when
 *   it has one and a fact of the request is missing or was cut
 */
export function recordedDecision(record: Members): RecordedDecision | string | null {
  const decision = membersOf(record.decision);
  const { effect } = decision;
  if (record.kind !== 'closing' || (effect !== 'allow' && effect !== 'deny')) return null;
  const operation = membersOf(record.operation);
  const needed = {
    requestId: record.requestId,
    tenant: membersOf(record.tenant).name,
    operation: operation.name,
    ...(isAboutNothing(operation.action)
      ? { region: '-', bucket: '-' }
      : { region: operation.region, bucket: operation.bucket }),
    action: operation.action,
    receivedAt: record.receivedAt,
  };
  const strange = Object.entries(needed).find(([, value]) => !isWhole(value));
  if (strange !== undefined) return `the record does not say the ${strange[0]}`;
  return {
    ...(needed as Record<keyof typeof needed, string>), // Each was looked at.
    effect,
    reason: String(decision.reason),
    modes: textsOf(operation.modes),
    suffixes: textsOf(operation.suffixes),
    sourceAddress: isWhole(record.sourceAddress) ? record.sourceAddress : null,
  };
}

/**
 * The request that was decided, without the claims, which no record has.
 * @returns a text when it is none that the gateway could ask
 */
export function requestOf(
  recorded: RecordedDecision,
  subAccount: { readonly name: string; readonly account: ResourceAccount } | null,
): DecisionRequest | string {
  const { tenant, action, operation, modes, suffixes } = recorded;
  const call = CALLS.find(
    (one) =>
      one.operation === operation &&
      isSameSet(one.configuration?.modes ?? null, modes) &&
      isSameSet(one.configuration?.suffixes ?? null, suffixes),
  );
  if (call?.action !== action) return 'the record does not say what would have been set';
  const resource = isAboutNothing(action)
    ? adminResource(subAccount?.account)
    : bucketOf(recorded, subAccount?.account);
  return {
    tenant,
    action,
    resource,
    subAccount,
    context: {
      sourceAddress: recorded.sourceAddress,
      receivedAt: new Date(recorded.receivedAt),
      operation: call.operation,
      configuration: call.configuration,
      claims: {},
    },
  };
}

function bucketOf({ region, bucket }: RecordedDecision, own?: ResourceAccount): Resource {
  const appId = /-([0-9]+)$/.exec(bucket)?.[1] ?? '';
  const ownerUin = own?.appId === appId ? own.ownerUin : '';
  return { service: 'ci', region, account: { appId, ownerUin }, path: `bucket/${bucket}/` };
}

/** Of the gateway's own management. */
function isAboutNothing(action: unknown): boolean {
  return SLIMGATE_ACTIONS.has(String(action));
}

/** A text that a record has, and has not cut. */
function isWhole(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.endsWith('…');
}

function textsOf(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.map(String) : null;
}

function isSameSet(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  return one.length === other.length && one.every((item) => other.includes(item));
}

function membersOf(value: unknown): Members {
  // Members of an object are looked at one by one; of anything else there are none.
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
