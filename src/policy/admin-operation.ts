import type { Resource, ResourceAccount } from './resource.ts';

/** What the gateway's own management offers, and the action that each needs on the resource `*`. */
export const ADMIN_OPERATIONS = {
  'read-policy': 'slimgate:ReadPolicy',
  'apply-policy': 'slimgate:ApplyPolicy',
  'read-audit': 'slimgate:ReadAudit',
  'resolve-audit': 'slimgate:ResolveAudit',
  'prune-audit': 'slimgate:PruneAudit',
  'revoke-token': 'slimgate:RevokeToken',
} as const;

export type AdminOperationName = keyof typeof ADMIN_OPERATIONS;

/** Every action of the gateway's own. */
export const SLIMGATE_ACTIONS: ReadonlySet<string> = new Set(Object.values(ADMIN_OPERATIONS));

/** What those operations are about: nothing that any pattern but `*` covers. */
export function adminResource(account: ResourceAccount = { appId: '', ownerUin: '' }): Resource {
  return { service: 'slimgate', region: '', account, path: '' };
}
