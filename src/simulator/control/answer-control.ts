import { BlockList, isIPv6 } from 'node:net';
import { parseStrictJson, StrictJsonError } from '../../strict-json.ts';
import type { ArrivingRequest } from '../answer-request.ts';
import { CloudError } from '../cloud-errors.ts';
import { type RequestHead, readTarget } from '../read-request.ts';
import type { Answer } from '../write-answer.ts';
import type { ControlCall, ControlParts, ControlResult } from './control-call.ts';
import { ControlProblem } from './control-problem.ts';
import { CONTROL_ROUTES, type ControlRoute } from './control-routes.ts';

const PREFIX = '/_control';
const OWN_HOST = 'control.localhost';
const PLAIN_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
/** What a browser adds to a page's requests. */
const BROWSER_HEADERS: ReadonlySet<string> = new Set(['origin', 'sec-fetch-site']);

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Answer a call of the control API; null for all others, and for all when there is none. It does not
 * misbehave, and the witness doesn't see it: it is no part of the cloud.
 */
export async function answerControl(
  arriving: ArrivingRequest,
  parts: ControlParts,
): Promise<Answer | null> {
  const target = parts.isControlled ? controlTarget(arriving.head) : null;
  if (target === null) return null;
  const result = await respond(arriving, target, parts).catch(told);
  // A client that is still sending can't hear an answer.
  if (!arriving.isHeldBack()) await arriving.body.drain().catch(() => undefined);
  return written(result);
}

async function respond(
  { head, body, remoteAddress }: ArrivingRequest,
  { path, query }: ControlTarget,
  parts: ControlParts,
): Promise<ControlResult> {
  demandNeighbour(head, remoteAddress);
  const { route, name } = routeOf(head.method, path);
  const given = parsed(await body.whole());
  return route.answer({ parts, name, query, given } satisfies ControlCall);
}

interface ControlTarget {
  /** Without the prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
}

function controlTarget(head: RequestHead): ControlTarget | null {
  const hosts = head.headers.filter(([name]) => name.toLowerCase() === 'host');
  const target = head.fault === null && hosts.length === 1 ? readTarget(head) : null;
  if (target === null || (target.authority ?? target.host) !== target.host) return null;
  const { host, path, query } = target;
  const isPrefixed = path === PREFIX || path.startsWith(`${PREFIX}/`);
  if (host !== OWN_HOST && !(PLAIN_HOSTS.has(host) && isPrefixed)) return null;
  return {
    path: isPrefixed ? path.slice(PREFIX.length) : path,
    query: new URLSearchParams(query ?? ''),
  };
}

/** Neither another machine nor a page that a browser of this one shows. */
function demandNeighbour({ headers }: RequestHead, remoteAddress: string): void {
  if (!LOOPBACK.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4')) {
    throw new ControlProblem(403, 'the control API is for this machine alone', [
      'call it from the machine that the simulator runs on, at its loopback address',
    ]);
  }
  if (headers.some(([name]) => BROWSER_HEADERS.has(name.toLowerCase()))) {
    throw new ControlProblem(403, 'the control API is not for browsers', [
      'call it from a program that sends neither Origin nor Sec-Fetch-Site',
    ]);
  }
}

function routeOf(method: string, path: string): { route: ControlRoute; name: string } {
  const fitting = CONTROL_ROUTES.flatMap((route) => {
    const pattern = new RegExp(`^${route.path.replace('<name>', '([^/]+)')}$`);
    const found = pattern.exec(path);
    return found === null ? [] : [{ route, name: found[1] ?? '' }];
  });
  const chosen = fitting.find(({ route }) => route.method === method);
  if (chosen !== undefined) return chosen;
  const offered = (fitting.length > 0 ? fitting.map(({ route }) => route) : CONTROL_ROUTES).map(
    (route) => `${route.method} ${PREFIX}${route.path}`,
  );
  if (fitting.length > 0) throw new ControlProblem(405, 'this method is not offered here', offered);
  throw new ControlProblem(404, 'there is no such call; these are all', offered);
}

function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw new ControlProblem(400, 'the body is not JSON', [error.message]);
  }
}

function told(error: unknown): ControlResult {
  const problem = error instanceof ControlProblem ? error : unforeseen(error);
  const { status, message, change } = problem;
  return { status, json: { problem: message, change } };
}

function unforeseen(error: unknown): ControlProblem {
  if (error instanceof CloudError) {
    return new ControlProblem(error.status, error.message, ['send a whole body of 64 KiB at most']);
  }
  return new ControlProblem(500, 'the simulator failed', [
    'see whether its state directory is full',
  ]);
}

function written({ status, json, lines }: ControlResult): Answer {
  if (lines !== undefined) {
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    return { status, headers: { 'Content-Type': 'application/x-ndjson' }, body };
  }
  if (json === undefined) return { status, headers: {}, body: '' };
  const body = `${JSON.stringify(json, null, 2)}\n`;
  return { status, headers: { 'Content-Type': 'application/json' }, body };
}
