import type { BucketRegistry } from '../bucket-registry.ts';
import type { LocalCloud } from '../local-cloud.ts';
import type { Misbehaviours } from '../misbehaviour/misbehaviours.ts';
import type { CloudState } from '../operation.ts';
import type { Witness } from '../witness.ts';

/** What can be looked at and changed from behind. */
export interface ControlParts extends CloudState {
  readonly cloud: LocalCloud;
  readonly buckets: BucketRegistry;
  readonly misbehaviours: Misbehaviours;
  readonly witness: Witness;
  /** Whether there is a control API at all. */
  readonly isControlled: boolean;
}

/** One call of the control API. */
export interface ControlCall {
  readonly parts: ControlParts;
  /** What stands in the path in place of `<name>`. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** The body as JSON; undefined when there is none. */
  readonly given: unknown;
}

/** What it comes to: JSON, or lines of it, or nothing. */
export interface ControlResult {
  readonly status: number;
  readonly json?: unknown;
  readonly lines?: readonly unknown[];
}
