import { type ErrorCode, GatewayError } from '../errors.ts';

export type TokenErrorCode = Extract<ErrorCode, `token-${string}`>;

/** What to change. Constant texts: nothing of a token that is not verified is ever repeated. */
const DETAILS: Readonly<Record<TokenErrorCode, string>> = {
  'token-missing': 'send `Authorization: Bearer` with a signed JWT',
  'token-malformed': 'the token must be a signed JWT in compact form',
  'token-algorithm': '`alg` must be the algorithm of the issuer’s key',
  'token-key-unknown': '`kid` must name a current key of the issuer',
  'token-signature': 'the signature must be made with the issuer’s key',
  'token-expired': '`exp` has passed: get a new token',
  'token-not-yet-valid': '`nbf` or `iat` lies in the future: compare the clocks',
  'token-claims': 'a claim is missing or not valid',
  'token-issuer': '`iss` must be an accepted issuer',
  'token-revoked': 'it was revoked: get a new token',
  'token-audience': '`aud` must be a string or an array of strings that names this gateway',
};

/**
 * The error for a token that is refused, with its challenge.
 * Source: RFC 6750, section 3.1: no error code where the request carries no token at all.
 * @param detail constant text, or text made from the configuration
 */
export function tokenRefusal(code: TokenErrorCode, detail = DETAILS[code]): GatewayError {
  const challenge = code === 'token-missing' ? 'realm="slimgate"' : 'error="invalid_token"';
  return new GatewayError(code, detail, { headers: { 'WWW-Authenticate': `Bearer ${challenge}` } });
}
