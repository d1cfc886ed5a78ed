import type { ResourcePattern } from './resource.ts';

export type Effect = 'allow' | 'deny';

/** Whom a statement is attached to. */
export type Principal =
  | { readonly kind: 'tenant'; readonly name: string }
  | { readonly kind: 'sub-account'; readonly name: string };

/** One row of the policy table: a CAM statement attached to a principal, compiled for matching. */
export interface Statement {
  /** Unique in the table; decisions and records name it. */
  readonly id: string;
  readonly principal: Principal;
  readonly effect: Effect;
  /** Action patterns, without the long `name/` prefix. */
  readonly actions: readonly string[];
  readonly resources: readonly ResourcePattern[];
  /** For people. */
  readonly note: string | null;
}
