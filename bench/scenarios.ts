import { type GatewaySetting, PLAIN_SETTING } from './gateway-setting.ts';
import { gets, puts } from './requests.ts';
import { isNginxHere } from './subjects/nginx.ts';
import type { SubjectName } from './subjects/subjects.ts';
import { BenchIssuer } from './tokens.ts';
import { BUCKETS, WORLD, writers } from './world.ts';

/** One row of the tables: what is asked of which subject. Each runs in a child of its own. */
export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  /** As it stands in the tables. */
  readonly title: string;
  readonly subject: SubjectName;
  /** What its subject is given and asked, made anew for a run. */
  readonly play: () => Play;
  /** Any other status fails the run. */
  readonly expectedStatus: number;
  /** Whether it can be measured on this machine; left out: always. */
  readonly isHere?: () => boolean;
}

export interface Play {
  readonly setting: GatewaySetting;
  /** Requests as they stand on the wire; the callers send them in turn. */
  readonly requests: readonly string[];
}

/** How a play differs from the plain one: a change by the writer, with one remembered token. */
interface PlayOptions {
  readonly setting?: Partial<GatewaySetting>;
  readonly tenants?: readonly string[];
  readonly buckets?: readonly string[];
  readonly requests?: typeof puts;
}

/** The scenario that all others are compared with. */
export const BASE = 'http-proxy';
/** The one that the goals are about, and those that they compare it with. */
export const WHOLE_JOB = 'slimgate-put';
export const DENIED = 'slimgate-denied';
export const DIRECT = 'upstream';
export const OBVIOUS = 'plain-gateway';
export const FASTIFY = 'fastify-http-proxy';

export const SCENARIOS: readonly Scenario[] = [
  slimgate(WHOLE_JOB, 'PUT, the whole job, journal synced'),
  slimgate('slimgate-read-before', 'PUT, the state read before', {
    setting: { readBefore: 'always' },
  }),
  slimgate('slimgate-rs256', 'PUT, RS256', { setting: { algorithm: 'RS256' } }),
  slimgate('slimgate-es256', 'PUT, ES256', { setting: { algorithm: 'ES256' } }),
  slimgate('slimgate-tenants', 'PUT, 1,000 tenants', {
    setting: { tenants: 1000 },
    tenants: writers(1000),
  }),
  slimgate('slimgate-cold-hs256', 'PUT, HS256, each token cold', {
    setting: { rememberedTokens: 0 },
  }),
  slimgate('slimgate-cold-rs256', 'PUT, RS256, each token cold', {
    setting: { algorithm: 'RS256', rememberedTokens: 0 },
  }),
  slimgate('slimgate-cold-es256', 'PUT, ES256, each token cold', {
    setting: { algorithm: 'ES256', rememberedTokens: 0 },
  }),
  {
    ...slimgate(DENIED, 'PUT, denied by the policy table', { tenants: [WORLD.reader] }),
    expectedStatus: 403,
  },
  slimgate('slimgate-get', 'GET', { requests: gets }),
  slimgate('slimgate-dry-run', 'PUT, dry run', {
    requests: (askers) => puts(askers, '?dryRun=true'),
  }),
  peer(OBVIOUS, 'Koa and http-proxy: PUT, the job the plain way, no journal'),
  peer('koa-http-proxy', 'Koa, router and http-proxy: PUT, passed through'),
  peer(FASTIFY, '@fastify/http-proxy 11.6.3: PUT, passed through'),
  peer(BASE, 'http-proxy 1.18.1: PUT, passed through'),
  { ...peer('nginx', 'nginx proxy_pass: PUT, passed through'), isHere: isNginxHere },
  peer('koa', 'Koa: PUT, body read, answered'),
  peer(DIRECT, 'the upstream, called directly'),
];

/** A row of ours; its name and title say how it differs. */
export function slimgate(name: string, title: string, options: PlayOptions = {}): Scenario {
  return {
    name,
    title: `Slimgate: ${title}`,
    subject: 'slimgate',
    play: () => playOf(options),
    expectedStatus: 200,
  };
}

function peer(subject: SubjectName, title: string): Scenario {
  return { name: subject, title, subject, play: () => playOf({}), expectedStatus: 200 };
}

function playOf(options: PlayOptions): Play {
  const { setting = {}, tenants = [WORLD.writer], buckets = BUCKETS, requests = puts } = options;
  const issuer = new BenchIssuer(setting.algorithm);
  const tokens = tenants.map((tenant) => issuer.tokenOf(tenant));
  const { verifyingKey } = issuer;
  return {
    setting: { ...PLAIN_SETTING, ...setting, verifyingKey },
    requests: requests({ tokens, buckets }),
  };
}
