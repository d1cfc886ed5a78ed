import { z } from 'zod';
import { type AccessPolicy, policySchema, segmentsOf } from '../access-policy.ts';
import { type AccessRequest, isAllowed } from '../authorize.ts';
import { holds, type RequestKeys } from '../conditions.ts';
import type { Account, KeyHolder } from '../local-cloud.ts';
import type { Role } from './role.ts';

/** What is particular to a temporary key that was issued here. */
export const sessionSchema = z.strictObject({
  kind: z.enum(['federation', 'role']),
  /** `Name` of a federation, `RoleSessionName` of a role's session. */
  name: z.string(),
  /** Who asked for the key: a sub-account or, for an instance, its account. */
  requesterUin: z.string(),
  /** Narrows what the sub-account or the role may; null narrows nothing. */
  policy: policySchema.nullable(),
});

export type Session = z.output<typeof sessionSchema>;

/**
 * Whether a key allows a request: its sub-account's or role's policies do, and so does the session
 * policy, if it has one. Source: STS documentation, "GetFederationToken", Policy.
 */
export function isHolderAllowed(
  { subAccount, session }: Pick<KeyHolder, 'subAccount' | 'session'>,
  request: AccessRequest,
): boolean {
  const policy = session?.policy ?? null;
  return (
    isAllowed(subAccount.policies, request) && (policy === null || isAllowed([policy], request))
  );
}

/**
 * Whether a key may take a role: the role trusts its sub-account by name, and a session policy, if
 * there is one, allows `sts:AssumeRole` on it. A role is never trusted, so none leads to another.
 */
export function mayAssume(
  caller: KeyHolder,
  { account, role }: OwnedRole,
  keys: RequestKeys,
): boolean {
  const policy = caller.session?.policy ?? null;
  return (
    caller.account.appId === account.appId &&
    caller.session?.kind !== 'role' &&
    role.trusts.includes(caller.subAccount.name) &&
    (policy === null || allowsAssuming(policy, { account, role }, keys))
  );
}

/** A role, and whose it is. */
export interface OwnedRole {
  readonly account: Account;
  readonly role: Role;
}

function allowsAssuming({ statement }: AccessPolicy, owned: OwnedRole, keys: RequestKeys): boolean {
  const applying = statement.filter(
    ({ action, resource, condition }) =>
      action.some((pattern) => matchesText(pattern.replace(/^name\//, ''), 'sts:AssumeRole')) &&
      resource.some((pattern) => matchesRole(pattern, owned)) &&
      (condition === undefined || holds(condition, keys)),
  );
  return applying.length > 0 && applying.every(({ effect }) => effect === 'allow');
}

function matchesRole(pattern: string, { account: owner, role }: OwnedRole): boolean {
  if (pattern === '*') return true;
  const [, , service = '', region = '', account = '', name = ''] = segmentsOf(pattern);
  return (
    ['', '*', 'cam'].includes(service) &&
    ['', '*'].includes(region) &&
    ['', '*', `uin/${owner.uin}`, `uid/${owner.appId}`].includes(account) &&
    [`roleName/${role.name}`, `role/${role.id}`].some((text) => matchesText(name, text))
  );
}

function matchesText(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text;
}
