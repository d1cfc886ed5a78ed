import { GatewayError } from '../errors.ts';
import { MAX_TOKEN_LENGTH } from './compact-token.ts';
import { tokenRefusal } from './token-refusal.ts';

/** Source: RFC 9110, section 11.4 (credentials); RFC 6750, section 2.1. */
const SCHEME = /^\s*bearer\b/i;
const CREDENTIALS = /^bearer +([A-Za-z0-9._-]+)$/i;

/**
 * The bearer token of a request, not verified.
 * @param fields the raw values of all its Authorization fields
 * @throws GatewayError `token-missing`, `header-repeated`, or `token-malformed` (above 8 KiB too)
 */
export function bearerTokenOf(fields: readonly string[]): string {
  const [field, ...others] = fields;
  if (field === undefined) throw tokenRefusal('token-missing');
  if (others.length > 0) {
    throw new GatewayError('header-repeated', '`Authorization` must stand once');
  }
  if (!SCHEME.test(field)) throw tokenRefusal('token-missing');
  const token = CREDENTIALS.exec(field)?.[1];
  if (token === undefined || token.length > MAX_TOKEN_LENGTH) throw tokenRefusal('token-malformed');
  return token;
}
