import type { ActionPattern } from './action.ts';
import type { Condition } from './condition.ts';
import type { ResourcePattern } from './resource.ts';

export type Effect = 'allow' | 'deny';

/** Whom a statement is attached to. */
export type Principal =
  | { readonly kind: 'tenant'; readonly name: string }
  | { readonly kind: 'sub-account'; readonly name: string };

/** A CAM statement, compiled for matching. */
export interface CompiledStatement {
  readonly effect: Effect;
  readonly actions: readonly ActionPattern[];
  readonly resources: readonly ResourcePattern[];
  /** Null: it applies to every request whose action and resource it names. */
  readonly condition: Condition | null;
}

/** A statement of the policy table: a CAM statement attached to a principal. */
export interface Statement extends CompiledStatement {
  /** Unique in the table: the row's, or `<row>/<n>` from a policy document; n counts from 1. */
  readonly id: string;
  readonly principal: Principal;
  /** From when on it does not apply; its condition sees to that. Null: never. */
  readonly expiresAt: Date | null;
  /** For people. */
  readonly note: string | null;
  /** Who put it there. */
  readonly author: string | null;
}
