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
