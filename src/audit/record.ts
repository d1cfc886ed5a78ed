import type { RevocationKind } from '../identity/revocation.ts';
import type { AdminOperationName } from '../policy/admin-operation.ts';
import type { OperationName } from '../slim/operation.ts';
import type { SlimState } from '../slim/slim-configuration.ts';
import type { LimitedRequests } from './limited-requests.ts';
import type { ResolutionFacts, UnknownOutcome } from './resolution.ts';

/** What is known of a request when its record is made; absent facts are null, never left out. */
export interface RequestFacts {
  /** Made by the gateway and never used twice: it joins an intent and its closing. */
  readonly requestId: string;
  readonly traceId: string | null;
  readonly receivedAt: Date;
  /** Whose connection it came on. */
  readonly peerAddress: string | null;
  /** Whom it came from: the peer, or the one a trusted proxy names; null when that is not known. */
  readonly sourceAddress: string | null;
  readonly method: string;
  /** As received, without the query. */
  readonly path: string;
  /** Null before authentication: never taken from a token that is not verified. */
  readonly tenant: {
    readonly name: string;
    readonly subject: string;
    readonly issuer: string;
    readonly tokenId: string | null;
  } | null;
  readonly operation: {
    readonly name: OperationName | AdminOperationName;
    /** Null where no bucket is acted on, as the one below it. */
    readonly region: string | null;
    readonly bucket: string | null;
    readonly action: string;
    readonly resource: string;
    readonly modes: readonly string[] | null;
    readonly suffixes: readonly string[] | null;
    readonly isDryRun: boolean;
  } | null;
  /** SHA-256 of the raw bytes, in hex. */
  readonly bodySha256: string | null;
  readonly decision: {
    readonly effect: 'allow' | 'deny';
    readonly reason: string;
    readonly statements: readonly string[];
    readonly tableVersion: string;
  } | null;
  /** The secret id names a key and is not secret; the key itself is in no record. */
  readonly subAccount: {
    readonly name: string;
    readonly uin: string;
    readonly secretId: string | null;
  } | null;
  readonly upstream: { readonly host: string; readonly requestSha256: string | null } | null;
  /** Null when it did not come to that, and of what is no change. */
  readonly stateBefore: StateBefore | null;
  /** Of a change of the policy table alone; `from` is null when there was none. */
  readonly policyChange?: {
    readonly from: PolicyVersionFacts | null;
    readonly to: PolicyVersionFacts;
    readonly isForced: boolean;
  };
  /** Of a revocation that is made or lifted alone. */
  readonly revocationChange?: {
    readonly change: 'revoke' | 'lift';
    readonly id: string;
    readonly kind: RevocationKind;
    readonly issuer: string | null;
    readonly value: string;
    readonly until: Date | null;
  };
  /** Of pruning the journal alone: what is younger stays. What was taken out stands in its mark. */
  readonly auditPruning?: { readonly before: Date };
}

/** Names a version of the policy table. */
export interface PolicyVersionFacts {
  readonly number: number;
  /** SHA-256 of its document, in hex. */
  readonly digest: string;
}

/** What a bucket was before a change of it. */
export interface StateBefore {
  /** Null when it could not be read, as the two below it. */
  readonly status: SlimState['status'] | null;
  readonly modes: SlimState['modes'] | null;
  readonly suffixes: SlimState['suffixes'] | null;
  /** Why it could not, or why it is not certain. */
  readonly code: string | null;
}

/**
 * How a request ended. `refused`: by the gateway; `not_applied`: nothing changed upstream;
 * `unknown`: it may have.
 */
export interface ClosingFacts {
  readonly outcome: 'applied' | 'not_applied' | 'unknown' | 'refused';
  /** The HTTP status that the caller got. */
  readonly status: number;
  readonly code: string | null;
  readonly upstreamStatus: number | null;
  readonly upstreamCode: string | null;
  readonly upstreamRequestId: string | null;
  readonly attempts: number;
  readonly durationMs: number;
}

/** A connection that was refused before there was a request. */
export interface RefusedConnection {
  readonly peerAddress: string | null;
  /** Why: `sockets`, `sockets-of-peer`, or the parser's own code. */
  readonly reason: string;
  /** What it was answered with; null when it was cut without a word. */
  readonly status: number | null;
}

/** A record that the gateway asks for. */
export type RecordFacts =
  | { readonly kind: 'intent'; readonly request: RequestFacts }
  | { readonly kind: 'closing'; readonly request: RequestFacts; readonly closing: ClosingFacts }
  | EventFacts;

/** What is about no single request. */
export type EventFacts =
  /** An empty database is about to be given the table of the file as its first version. */
  | { readonly kind: 'policy-seed'; readonly requestId: string; readonly digest: string }
  | { readonly kind: 'refusals-skipped'; readonly count: number; readonly since: Date }
  | ({ readonly kind: 'requests-limited' } & LimitedRequests)
  | ({ readonly kind: 'connection-refused' } & RefusedConnection)
  | {
      readonly kind: 'resolved';
      readonly outcome: UnknownOutcome;
      readonly resolution: ResolutionFacts;
    };

/** The members of a record behind its place in the chain, ready for JSON (a date becomes its ISO text); `kind` first. */
export type RecordBody = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** The longest text in a record, in UTF-16 units: a longer one is cut and ends in `…`. */
export const MAX_TEXT = 256;
/** The longest list in a record: a longer one is cut and ends in `…`. */
export const MAX_ITEMS = 32;
/** The most open intents that the first record of a segment names: its line stays a line. */
export const MAX_CARRIED_INTENTS = 1_024;
const CUT = '…';

/** What a record says that is about no single request, naming each fact that goes in. */
export function eventBody(facts: EventFacts): RecordBody {
  switch (facts.kind) {
    case 'refusals-skipped':
      return { kind: facts.kind, count: facts.count, since: facts.since };
    case 'requests-limited': {
      const { kind, tenant, count, since } = facts;
      return { kind, tenant: text(tenant), count, since };
    }
    case 'connection-refused': {
      const { kind, peerAddress, reason, status } = facts;
      return { kind, peerAddress: text(peerAddress), reason: text(reason), status };
    }
    case 'policy-seed':
      return { kind: facts.kind, requestId: text(facts.requestId), digest: facts.digest };
    case 'resolved':
      return resolvedBody(facts.outcome, facts.resolution);
  }
}

function resolvedBody(
  { requestId, tenant, operation }: UnknownOutcome,
  { finding, state, code, attempts, orderedBy }: ResolutionFacts,
): RecordBody {
  const { name, region, bucket } = operation;
  return {
    kind: 'resolved',
    requestId: text(requestId),
    tenant: { name: text(tenant) },
    operation: { name, region: text(region), bucket: text(bucket) },
    finding,
    state: {
      status: text(state?.status),
      modes: texts(state?.modes),
      suffixes: texts(state?.suffixes),
    },
    code: text(code),
    attempts,
    orderedBy: text(orderedBy),
  };
}

/**
 * The closing of an intent whose process ended without one: the outcome is not known.
 * @param intent its members as they were read back from the journal
 */
export function recoveredClosing(intent: Readonly<Record<string, unknown>>): RecordBody {
  const { v, seq, previous, at, ...facts } = intent;
  return { ...facts, ...closingBody(null), kind: 'closing', outcome: 'unknown', code: 'recovered' };
}

/**
 * What a record says of a request, from finished facts, naming each fact that goes in.
 * INVARIANT: these members in this order, whatever became of the request.
 */
export function requestBody(request: RequestFacts): Readonly<Record<string, unknown>> {
  const { tenant, operation, decision, subAccount, upstream, stateBefore } = request;
  return {
    requestId: text(request.requestId),
    traceId: text(request.traceId),
    receivedAt: request.receivedAt.toJSON(),
    peerAddress: text(request.peerAddress),
    sourceAddress: text(request.sourceAddress),
    method: text(request.method),
    path: text(request.path),
    tenant: {
      name: text(tenant?.name),
      subject: text(tenant?.subject),
      issuer: text(tenant?.issuer),
      tokenId: text(tenant?.tokenId),
    },
    operation: {
      name: text(operation?.name),
      region: text(operation?.region),
      bucket: text(operation?.bucket),
      action: text(operation?.action),
      resource: text(operation?.resource),
      modes: texts(operation?.modes),
      suffixes: texts(operation?.suffixes),
      isDryRun: operation?.isDryRun ?? null,
    },
    bodySha256: text(request.bodySha256),
    decision: {
      effect: text(decision?.effect),
      reason: text(decision?.reason),
      statements: texts(decision?.statements),
      tableVersion: text(decision?.tableVersion),
    },
    subAccount: {
      name: text(subAccount?.name),
      uin: text(subAccount?.uin),
      secretId: text(subAccount?.secretId),
    },
    upstream: { host: text(upstream?.host), requestSha256: text(upstream?.requestSha256) },
    stateBefore: {
      status: stateBefore?.status ?? null,
      modes: stateBefore?.modes ?? null,
      suffixes: stateBefore?.suffixes ?? null,
      code: text(stateBefore?.code),
    },
    ...policyChangeBody(request.policyChange),
    ...revocationChangeBody(request.revocationChange),
    ...(request.auditPruning && { auditPruning: { before: request.auditPruning.before } }),
  };
}

/** The one member that only some records have: those from before it was known stay valid. */
function policyChangeBody(change: RequestFacts['policyChange']): Readonly<Record<string, unknown>> {
  if (change === undefined) return {};
  const version = (facts: PolicyVersionFacts | null) => ({
    number: facts?.number ?? null,
    digest: text(facts?.digest),
  });
  const { from, to, isForced } = change;
  return { policyChange: { from: version(from), to: version(to), isForced } };
}

function revocationChangeBody(
  change: RequestFacts['revocationChange'],
): Readonly<Record<string, unknown>> {
  if (change === undefined) return {};
  const { id, kind, issuer, value, until } = change;
  const what = { id: text(id), kind, issuer: text(issuer), value: text(value), until };
  return { revocationChange: { change: change.change, ...what } };
}

/** What a record says of how it ended; of an intent, nothing. */
export function closingBody(closing: ClosingFacts | null): Readonly<Record<string, unknown>> {
  return {
    outcome: text(closing?.outcome),
    status: closing?.status ?? null,
    code: text(closing?.code),
    upstreamStatus: closing?.upstreamStatus ?? null,
    upstreamCode: text(closing?.upstreamCode),
    upstreamRequestId: text(closing?.upstreamRequestId),
    attempts: closing?.attempts ?? null,
    durationMs: closing?.durationMs ?? null,
  };
}

function text(value: string | null | undefined): string | null {
  return value === undefined || value === null ? null : boundedText(value);
}

/** Cut a text to the bound of a record, never through the middle of a surrogate pair. */
export function boundedText(value: string): string {
  if (value.length <= MAX_TEXT) return value;
  return value.slice(0, MAX_TEXT - CUT.length).replace(/[\ud800-\udbff]$/, '') + CUT;
}

function texts(values: readonly string[] | null | undefined): readonly (string | null)[] | null {
  if (values === undefined || values === null) return null;
  if (values.length <= MAX_ITEMS) return values.map(text);
  return [...values.slice(0, MAX_ITEMS - 1).map(text), CUT];
}
