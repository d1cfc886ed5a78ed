import type { SubjectName } from './subjects/subjects.ts';
import { tokenOf } from './tokens.ts';
import { SLIM_PATHS, WORLD } from './world.ts';

/** One row of the tables: what is asked of which subject. Each runs in a child of its own. */
export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  /** As it stands in the tables. */
  readonly title: string;
  readonly subject: SubjectName;
  /** Requests as they stand on the wire; the callers send them in turn. */
  readonly requests: () => readonly string[];
  /** Any other status fails the run. */
  readonly expectedStatus: number;
}

/** The scenario that all others are compared with. */
export const BASE = 'http-proxy';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'slimgate-put',
    title: 'Slimgate: PUT, the whole job, journal synced',
    subject: 'slimgate',
    requests: () => puts(WORLD.writer),
    expectedStatus: 200,
  },
  {
    name: 'slimgate-denied',
    title: 'Slimgate: PUT, denied by the policy table',
    subject: 'slimgate',
    requests: () => puts(WORLD.reader),
    expectedStatus: 403,
  },
  {
    name: 'slimgate-get',
    title: 'Slimgate: GET',
    subject: 'slimgate',
    requests: () => gets(WORLD.writer),
    expectedStatus: 200,
  },
  {
    name: 'slimgate-dry-run',
    title: 'Slimgate: PUT, dry run',
    subject: 'slimgate',
    requests: () => puts(WORLD.writer, '?dryRun=true'),
    expectedStatus: 200,
  },
  {
    name: 'plain-gateway',
    title: 'Koa and http-proxy: PUT, the job the plain way, no journal',
    subject: 'plain-gateway',
    requests: () => puts(WORLD.writer),
    expectedStatus: 200,
  },
  {
    name: BASE,
    title: 'http-proxy 1.18.1: PUT, passed through',
    subject: 'http-proxy',
    requests: () => puts(WORLD.writer),
    expectedStatus: 200,
  },
  {
    name: 'koa',
    title: 'Koa: PUT, body read, answered',
    subject: 'koa',
    requests: () => puts(WORLD.writer),
    expectedStatus: 200,
  },
];

const BODY = JSON.stringify({ modes: ['Auto', 'API'], suffixes: ['jpg', 'png'] });

function puts(tenant: string, query = ''): readonly string[] {
  return wireTexts('PUT', query, [
    `authorization: Bearer ${tokenOf(tenant, 'bench')}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(BODY)}`,
    '',
    BODY,
  ]);
}

function gets(tenant: string): readonly string[] {
  return wireTexts('GET', '', [`authorization: Bearer ${tokenOf(tenant, 'bench')}`, '', '']);
}

function wireTexts(method: string, query: string, rest: readonly string[]): readonly string[] {
  return SLIM_PATHS.map((path) =>
    [`${method} ${path}${query} HTTP/1.1`, 'host: slimgate.test', ...rest].join('\r\n'),
  );
}
