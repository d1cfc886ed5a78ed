import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../src/errors.ts';
import { fieldsOf } from './header-fields.ts';
import { type BodyLimits, readBody, requireDeclaredLength } from './read-body.ts';
import type { GatewayContext } from './state.ts';

const JSON_TYPE = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?$/i;

/** Two of them could be read differently by two readers; Node keeps the first. */
const SINGLE_HEADERS = ['host', 'content-type'] as const;

/** @throws GatewayError `header-repeated` */
export function refuseRepeatedHeaders(request: IncomingMessage): void {
  const repeated = SINGLE_HEADERS.find((header) => fieldsOf(request, header).length > 1);
  if (repeated === undefined) return;
  throw new GatewayError('header-repeated', `\`${repeated}\` must stand once`);
}

/**
 * Read a body that must be JSON.
 * @returns the raw bytes, not parsed
 * @throws GatewayError `unsupported-media-type`, or as readBody
 */
export function readJsonBody(ctx: GatewayContext, limits: BodyLimits): Promise<Buffer> {
  requireJson(ctx);
  requireDeclaredLength(ctx.req, limits.maxBytes);
  // Only a caller that may be heard is told to go on, and only in the version that knows it.
  if (ctx.req.headers.expect !== undefined && ctx.req.httpVersion !== '1.0') {
    ctx.res.writeContinue();
  }
  return readBody(ctx.req, limits);
}

function requireJson({ req }: GatewayContext): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers;
  if (JSON_TYPE.test(type.trim()) && encoding.toLowerCase() === 'identity') return;
  throw new GatewayError(
    'unsupported-media-type',
    'send `Content-Type: application/json`, not compressed',
  );
}
