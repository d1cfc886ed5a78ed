import type { Statement } from './statement.ts';

/** `error`: surely not what was meant, and a deny that misses is one; `note`: good to know. */
export type Severity = 'error' | 'warning' | 'note';

/** What lint looks for, one code a row. A code is stable. */
export const LINT_CODES = {
  expired: 'it has ended; remove the row, or give it a later end',
  'never-holds': 'its condition can never hold from now on; mend it, or remove the statement',
  'resource-never-matches': 'no bucket has this resource; mend it, or remove it',
  'unknown-region': 'no such region is known; mend it, or add it to `upstream.additionalRegions`',
  'other-account': 'the principal’s buckets are of another account; mend the account',
  'other-service': 'this gateway asks about `ci` alone; nothing is decided by it here',
  'action-never-asked': 'this gateway never asks for it; nothing is decided by it here',
  'action-needs-star': 'the action is about no bucket: give it a statement with the resource `*`',
  'ip-not-in-cam': 'the gateway honours it; CAM does not for `ci`, so do not rely on it upstream',
  'grants-management':
    'allow `ci:*` for buckets; name those of `slimgate` that are meant, one by one',
  'open-deny': 'name the operation it is about, with `slimgate:operation`',
  covered: 'the other statement already says so; remove this one',
  'allow-denied': 'a deny always wins; remove the one or narrow the other',
  'unused-principal': 'let a tenant act as this sub-account, or remove the row',
  'unreachable-tenant': 'nothing can ever be allowed to it; give it an allow, or remove it',
} as const;

export type LintCode = keyof typeof LINT_CODES;

export interface Finding {
  readonly code: LintCode;
  readonly severity: Severity;
  /** Null where it is about a tenant. */
  readonly statement: string | null;
  readonly tenant: string | null;
  readonly problem: string;
  readonly remedy: string;
}

/** A finding about a statement. */
export function findingOf(
  { id }: Statement,
  found: Pick<Finding, 'code' | 'severity' | 'problem'>,
): Finding {
  return { ...found, statement: id, tenant: null, remedy: LINT_CODES[found.code] };
}

/** What makes an allow useless makes a deny miss, which is worse. */
export function severityOfMiss({ effect }: Statement): Severity {
  return effect === 'deny' ? 'error' : 'warning';
}
