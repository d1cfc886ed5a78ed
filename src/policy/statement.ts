import type { ActionPattern } from './action.ts';
import type { Condition } from './condition.ts';
import type { ResourcePattern } from './resource.ts';

export type Effect = 'allow' | 'deny';

/** Whom a statement is attached to. */
export type Principal =
  | { readonly kind: 'tenant'; readonly name: string }
  | { readonly kind: 'sub-account'; readonly name: string };

/** A principal as rows name it, like `tenant/photos`. */
export function principalText({ kind, name }: Principal): string {
  return `${kind}/${name}`;
}

/** @param text in its right form */
export function parsePrincipal(text: string): Principal {
  const [kind, name = ''] = text.split(/\/(.*)/s);
  return { kind: kind === 'tenant' ? kind : 'sub-account', name };
}

/** A condition as its author wrote it: operators, of keys, of one value or a list of them. */
export type WrittenCondition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A CAM statement, compiled for matching. */
export interface CompiledStatement {
  readonly effect: Effect;
  readonly actions: readonly ActionPattern[];
  readonly resources: readonly ResourcePattern[];
  /** Null: it applies to every request whose action and resource it names. */
  readonly condition: Condition | null;
  /** What `condition` was compiled from, for explanations; null where it is left out. */
  readonly writtenCondition: WrittenCondition | null;
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
