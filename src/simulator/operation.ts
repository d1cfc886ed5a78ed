import type { BucketAddress } from './bucket-address.ts';
import type { BucketStates } from './bucket-states.ts';
import type { SlimResult } from './compression/slim-result.ts';
import type { Bucket } from './local-cloud.ts';
import type { MeasuredBytes } from './measured-bytes.ts';
import type { ObjectStore } from './objects/object-store.ts';
import type { CloudRequest } from './read-request.ts';
import type { Verdict } from './witness.ts';

/** Makes pictures smaller. */
export interface Compression {
  /** @param original a file that stays as it is until the promise is settled */
  compress(original: {
    readonly path: string;
    readonly contentSha256: string;
    readonly bytes: number;
  }): Promise<SlimResult>;
}

/** What operations work on. */
export interface CloudState {
  readonly states: BucketStates;
  readonly objects: ObjectStore;
  readonly compressor: Compression;
  readonly now: () => Date;
}

/** A part of a file, to be sent. */
export interface FileSlice {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
  /** To be called when nobody reads the file any more. */
  readonly release: () => void;
}

/** A change that is decided, and not yet visible. */
export interface Change {
  /** For the witness, who has it on record before it is made. */
  readonly seen: Pick<Verdict, 'changedTo' | 'objects'>;
  /** Resolves when the change is on disk. */
  readonly apply: () => Promise<void>;
}

/** What an operation comes to. */
export interface Outcome {
  readonly status: number;
  /** Beyond those that every answer has, or in place of them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FileSlice;
  /** Null when the operation only looks. */
  readonly change: Change | null;
}

/** An operation that has read all it needs. */
export interface Prepared {
  /**
   * Decide on the latest state, at once: what it finds still holds when the change begins.
   * @throws CloudError
   */
  readonly decide: () => Outcome;
  /** Give back what was taken, when nothing will come of it. */
  readonly abandon?: () => Promise<void>;
}

/** A call that is proven to be its sender's, and allowed to him. */
export interface OperationCall {
  readonly request: CloudRequest;
  readonly address: BucketAddress;
  readonly bucket: Bucket;
  readonly state: CloudState;
  /** The whole body; empty where the operation reads `stream` by itself. */
  readonly body: Buffer;
  readonly stream: MeasuredBytes;
  /** @throws CloudError `AccessDenied` when the caller may not do this to that object as well */
  readonly demand: (action: string, key: string) => void;
}

/** One operation, and what has to hold before it is asked. */
export interface Operation {
  readonly name: string;
  /** The CAM action; on the object `key`, or on the bucket where there is none. */
  readonly action: string;
  readonly key?: string;
  /** Whether the bucket must be bound to Cloud Infinite. */
  readonly needsBinding: boolean;
  /** Whether it reads its body by itself. */
  readonly isStreamed?: boolean;
  /** @throws CloudError */
  readonly prepare: (call: OperationCall) => Prepared | Promise<Prepared>;
}

/** An answer without a body. */
export function emptyOutcome(
  status: number,
  headers: Outcome['headers'] = {},
  change: Change | null = null,
): Outcome {
  return { status, headers, body: '', change };
}
