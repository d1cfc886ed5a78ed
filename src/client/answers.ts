/** What the gateway takes and answers. This folder imports nothing, so that it can be copied. */

export type SlimMode = 'Auto' | 'API';
export type SlimSuffix = 'jpg' | 'png' | 'gif';

/** A bucket by its full name, like `examplebucket-1250000000`, in its region. */
export interface Bucket {
  readonly region: string;
  readonly bucket: string;
}

/** What to set; `suffixes` exactly when `modes` has `Auto`. */
export interface SlimConfiguration {
  readonly modes: readonly SlimMode[];
  readonly suffixes?: readonly SlimSuffix[] | undefined;
}

/** The state of a bucket. */
export interface SlimState {
  readonly status: 'on' | 'off';
  readonly modes: readonly SlimMode[];
  readonly suffixes: readonly SlimSuffix[];
}

/** What every answer brings along. */
export interface Answered {
  /** The key to its records in the audit journal. */
  readonly requestId: string;
  /** Equal for equal states. */
  readonly etag: string | null;
  /** The signed proof that a change stands in the audit journal; null for all else. */
  readonly receipt: string | null;
}

/** What would be sent, its proofs masked. */
export interface DryRun {
  readonly dryRun: true;
  readonly decision: { readonly effect: string; readonly statements: readonly string[] };
  readonly upstreamRequest: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  };
}

/** One object, measured or not. */
export type ObjectSavings =
  | {
      readonly key: string;
      readonly originalBytes: number;
      readonly compressedBytes: number;
      readonly savedBytes: number;
      readonly isCompressed: boolean;
    }
  | { readonly key: string; readonly error: { readonly code: string; readonly detail: string } };

export interface Savings extends SlimState {
  readonly objects: readonly ObjectSavings[];
  /** Of the objects that could be measured. */
  readonly total: {
    readonly objects: number;
    readonly originalBytes: number;
    readonly compressedBytes: number;
    readonly savedBytes: number;
  };
  /** What it costs to ask. */
  readonly note: string;
}
