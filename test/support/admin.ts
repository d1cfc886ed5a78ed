import { parse } from 'yaml';
import type { RunningGateway } from './gateway.ts';
import { TABLE } from './gateway.ts';

/** The table of other tests, with one who looks after it. */
export const ADMIN_TABLE = TABLE.replace(
  'tenants:',
  'tenants:\n  security: { subAccount: reader }',
).concat(`  - id: security-manages
    principal: tenant/security
    effect: allow
    action: [slimgate:ReadPolicy, slimgate:ApplyPolicy]
    resource: '*'
`);

export const ADMIN_DOCUMENT: TableBody = parse(ADMIN_TABLE);

/** A policy table as a body carries it. */
export interface TableBody {
  readonly version: 1;
  readonly tenants: Record<string, unknown>;
  readonly statements: readonly Record<string, unknown>[];
}

export interface AdminCall {
  readonly tenant?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** The members that answers of the admin API have, each where it applies. */
export interface AdminBody {
  readonly id: string;
  readonly revocations: readonly { readonly id: string }[];
  readonly number: number;
  readonly version: string;
  readonly digest: string;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  readonly applied: boolean;
  readonly document: TableBody;
  readonly difference: { readonly tenants: Change; readonly statements: Change };
  readonly versions: readonly { readonly number: number }[];
  readonly next: number | null;
}

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AdminBody;
}

/** Call the admin API of a gateway, as `security` unless told otherwise. */
export async function callAdmin(
  { adminUrl, token }: Pick<RunningGateway, 'adminUrl' | 'token'>,
  call: string,
  { tenant = 'security', body, headers }: AdminCall = {},
): Promise<AdminAnswer> {
  const [method = 'GET', path = '/'] = call.split(' ');
  const answer = await fetch(adminUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${token(tenant)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: JSON.parse(text),
  };
}

/** Make a document the next version; the base is looked up unless given. */
export async function applyTable(
  gateway: Pick<RunningGateway, 'adminUrl' | 'token'>,
  document: unknown,
  more: { readonly basedOn?: number; readonly note?: string; readonly force?: boolean } = {},
): Promise<AdminAnswer> {
  const basedOn = more.basedOn ?? (await callAdmin(gateway, 'GET /v1/policy')).body.number;
  return callAdmin(gateway, 'POST /v1/policy/versions', { body: { document, basedOn, ...more } });
}

/** The document with the right of `photos` to change buckets, or without it. */
export function tableWhere({ photosMay }: { readonly photosMay: boolean }): TableBody {
  return {
    ...ADMIN_DOCUMENT,
    statements: ADMIN_DOCUMENT.statements.map((row) =>
      row.id === 'photos-everything' ? { ...row, effect: photosMay ? 'allow' : 'deny' } : row,
    ),
  };
}
