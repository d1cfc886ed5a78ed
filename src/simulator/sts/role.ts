import { createHash } from 'node:crypto';
import { z } from 'zod';
import { policySchema } from '../access-policy.ts';

/** What a role trusts to be taken by the machine itself, by way of the instance metadata. */
export const INSTANCE_SERVICE = 'cvm';

/** Source: STS documentation, "AssumeRole", DurationSeconds. */
export const MAX_ROLE_SESSION_SECONDS = 43_200;

/** A role of an account: whom it trusts, what it may, and for how long at once. */
export const roleSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_+=,.@-]{1,128}$/, 'must be letters, digits and `+=,.@_-`'),
  // Longer than a number can hold exactly.
  id: z
    .string({ error: 'must be digits, in quotes' })
    .regex(/^[0-9]{5,20}$/, 'must be 5 to 20 digits')
    .optional(),
  trusts: z.array(z.string().min(1)).min(1),
  policies: z.array(policySchema).default([]),
  maxSessionSeconds: z.int().min(1).max(MAX_ROLE_SESSION_SECONDS).default(MAX_ROLE_SESSION_SECONDS),
});

/** A role with its id, given or made. */
export type Role = Omit<z.output<typeof roleSchema>, 'id'> & { readonly id: string };

/** Give a role an id, the same at every start, when its author gave none. */
export function withRoleId(role: z.output<typeof roleSchema>, ownerUin: string): Role {
  const digest = createHash('sha256').update(`${ownerUin}/${role.name}`).digest();
  // As long as the service's own, and beginning like them.
  const made = `46116860${String(digest.readUIntBE(0, 6) % 1e11).padStart(11, '0')}`;
  return { ...role, id: role.id ?? made };
}
