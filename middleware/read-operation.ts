import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import {
  type ChangeConditions,
  parseIfMatch,
  prefersStrict,
} from '../src/slim/change-conditions.ts';
import type { BucketTarget, OperationName } from '../src/slim/operation.ts';
import { OPERATIONS, SETTING_OPERATIONS } from '../src/slim/operation.ts';
import { hasBody } from './read-body.ts';
import { readJsonBody, refuseRepeatedHeaders } from './read-json-body.ts';
import type { GatewayContext, GatewayStep } from './state.ts';

const MAX_BODY_BYTES = 4096;

/** Not offered; to ignore one would change what its sender did not want changed. */
const PRECONDITIONS = ['if-none-match', 'if-unmodified-since'] as const;

/** Method, path, query and bounded body -> operation: all of it valid, or it is refused. */
export function readOperation(services: Services): GatewayStep {
  const { endpoint, limits, knownBodies, stateSettings } = services;
  return async function readOperation(ctx) {
    const name = operationNameOf(ctx.method);
    refuseHeaders(ctx, name);
    if (OPERATIONS[name].isMutation) ctx.state.conditions = readConditions(ctx, stateSettings);
    const target = endpoint.parseTarget(String(ctx.params.region), String(ctx.params.bucket));
    requireOneSpelling(ctx, target);
    const isDryRun = parseDryRun(ctx, name);
    const coming = readOperationBody(ctx, name, limits.bodyTimeoutMs);
    const body = coming && (await coming);
    const known = body && knownBodies(body);
    if (known !== null) ctx.state.bodySha256 = known.sha256;
    const configuration = known?.configuration() ?? null;
    ctx.state.operation = { name, target, configuration, isDryRun };
  };
}

const BY_METHOD: ReadonlyMap<string, OperationName> = new Map(
  SETTING_OPERATIONS.map((name) => [OPERATIONS[name].method, name]),
);

function operationNameOf(method: string): OperationName {
  const name = BY_METHOD.get(method);
  if (name !== undefined) return name;
  // The router also brings HEAD where GET is registered.
  throw methodNotAllowed(SETTING_OPERATIONS.map((one) => OPERATIONS[one].method));
}

/** Source: RFC 9110, section 15.5.6: the answer names the methods that are taken. */
export function methodNotAllowed(methods: readonly string[]): GatewayError {
  const allow = methods.filter((method) => method !== 'HEAD').join(', ');
  return new GatewayError('method-not-allowed', `use one of ${allow}`, { headers: { allow } });
}

function refuseHeaders({ req }: GatewayContext, name: OperationName): void {
  refuseRepeatedHeaders(req);
  const precondition = PRECONDITIONS.find((header) => req.headers[header] !== undefined);
  if (precondition !== undefined && OPERATIONS[name].isMutation) throw notOffered(precondition);
}

function notOffered(header: string): GatewayError {
  return new GatewayError('header-unsupported', `\`${header}\` is not offered; leave it out`);
}

const UNCONDITIONAL: ChangeConditions = { ifMatch: null, isStrict: false };

function readConditions(
  { req }: GatewayContext,
  { readBefore }: Services['stateSettings'],
): ChangeConditions {
  const { 'if-match': ifMatch, prefer } = req.headers;
  if (ifMatch === undefined && prefer === undefined) return UNCONDITIONAL;
  if (ifMatch !== undefined && readBefore === 'never') throw notOffered('if-match');
  return {
    ifMatch: ifMatch === undefined ? null : parseIfMatch(ifMatch),
    isStrict: prefersStrict(String(prefer ?? '')),
  };
}

/**
 * One resource has one path: no percent-encoding, no doubled slash, no fragment, no other form of
 * target.
 */
function requireOneSpelling(
  { req, querystring }: GatewayContext,
  { region, bucket }: BucketTarget,
): void {
  const path = `/v1/regions/${region}/buckets/${bucket}/image-slim`;
  if (req.url === path || req.url === `${path}?${querystring}`) return;
  throw new GatewayError('request-target-invalid', 'write the path plainly, without encoding');
}

function parseDryRun({ querystring }: GatewayContext, name: OperationName): boolean {
  if (querystring === '') return false;
  if (!OPERATIONS[name].isMutation) {
    throw new GatewayError('query-invalid', 'this operation takes no query parameter');
  }
  if (querystring === 'dryRun=true') return true;
  if (querystring === 'dryRun=false') return false;
  throw new GatewayError('query-invalid', 'only `dryRun=true` or `dryRun=false` is taken, once');
}

function readOperationBody(
  ctx: GatewayContext,
  name: OperationName,
  timeoutMs: number,
): Promise<Buffer> | null {
  if (!OPERATIONS[name].hasBody) {
    if (!hasBody(ctx.req)) return null;
    throw new GatewayError('body-unexpected', 'send this operation without a body');
  }
  return readJsonBody(ctx, { maxBytes: MAX_BODY_BYTES, timeoutMs });
}
