import type { AccountPattern, ResourcePattern } from './resource.ts';
import { principalText, type Statement, type WrittenCondition } from './statement.ts';

/** A statement in CAM's words, as people read it. */
export interface WrittenStatement {
  readonly id: string;
  /** Like `tenant/photos`. */
  readonly principal: string;
  readonly effect: 'allow' | 'deny';
  readonly action: readonly string[];
  readonly resource: readonly string[];
  readonly condition: WrittenCondition | null;
  /** ISO 8601; null: never. */
  readonly expires: string | null;
}

/** Write a compiled statement out again, in the short form of each of its parts. */
export function writtenStatement(statement: Statement): WrittenStatement {
  const { id, principal, effect, expiresAt, writtenCondition } = statement;
  return {
    id,
    principal: principalText(principal),
    effect,
    action: actionTexts(statement),
    resource: statement.resources.map(resourceText),
    condition: writtenCondition,
    expires: expiresAt?.toISOString() ?? null,
  };
}

export function actionTexts({ actions }: Statement): readonly string[] {
  return actions.map(({ name }) => name);
}

/** A resource pattern with its six segments. */
export function resourceText(pattern: ResourcePattern): string {
  if (pattern.matchesAll) return '*';
  const { service, region, account } = pattern.scope;
  return `qcs::${service ?? ''}:${region ?? ''}:${accountText(account)}:${pattern.path}`;
}

/** The fifth segment of a pattern. */
export function accountText(account: AccountPattern): string {
  if (account.kind === 'any') return '*';
  if (account.kind === 'owner') return '';
  return `${account.kind === 'appId' ? 'uid' : 'uin'}/${account.number}`;
}
