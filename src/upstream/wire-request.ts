import type { Secret } from '../secret.ts';
import type { SignedRequest } from '../signing/sign-request.ts';
import type { WireRequest } from './transport.ts';

/** The only place where the proofs of a signed request are turned into text. */
export function wireRequestOf({ request, headers }: SignedRequest): WireRequest {
  return {
    method: request.method,
    host: request.host,
    target: request.target,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, reveal(value)]),
    ),
    body: request.body,
  };
}

function reveal(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal();
}
