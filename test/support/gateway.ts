import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type Served, serve } from '../../middleware/serve.ts';
import type { SubAccountSettings } from '../../src/accounts/sub-account.ts';
import { type Configuration, loadConfiguration } from '../../src/config/load.ts';
import type { IssuerSettings } from '../../src/identity/issuer-settings.ts';
import { mintToken } from '../../src/identity/mint-token.ts';
import { operatorsLog } from '../../src/operators-log.ts';
import { closeServices, createServices, type Services } from '../../src/services.ts';
import { createSimulator, type Simulator } from '../../src/simulator/create-simulator.ts';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { type DatabaseOptions, openDatabase } from '../../src/store/database.ts';
import { placeEmptyDatabase } from './empty-database.ts';

export const REGION = 'ap-shanghai';
export const BUCKET = 'examplebucket-1250000000';
export const OTHER_BUCKET = 'catalogue-1250000000';

/** A policy table for tests: `photos` may do everything in the account, `reports` may only look. */
export const TABLE = `
version: 1
tenants:
  photos: { subAccount: media }
  reports: { subAccount: media }
  intern: { subAccount: reader }
statements:
  - id: photos-everything
    principal: tenant/photos
    effect: allow
    action: ci:*
    resource: qcs::ci::uid/1250000000:bucket/*
  - id: reports-read
    principal: tenant/reports
    effect: allow
    action: ci:DescribeImageSlim
    resource: qcs::ci::uid/1250000000:bucket/*
  - id: intern-everything
    principal: tenant/intern
    effect: allow
    action: ci:*
    resource: '*'
  - id: no-archive
    principal: sub-account/media
    effect: deny
    action: ci:SetImageSlim
    resource: qcs::ci::uid/1250000000:bucket/archive-1250000000/*
`;

export interface GatewayOptions {
  readonly table?: string;
  /** Where the upstream is; left out: a strict simulator is started. */
  readonly connect?: { readonly host: string; readonly port: number };
  /** How names become addresses; with it the upstream is where its own name leads. */
  readonly lookup?: LookupFunction;
  /** Lines of YAML for the `listen`, `upstream`, `limits` and `savings` settings. */
  readonly listen?: string;
  readonly upstream?: string;
  readonly limits?: string;
  readonly savings?: string;
  /** A line of YAML more in the file of media's keys. */
  readonly mediaKeys?: string;
  /** A YAML flow mapping; left out: the state before a change is not read, so that calls count. */
  readonly state?: string;
  readonly now?: () => Date;
  /** The simulator's own clock; left out: the gateway's. */
  readonly cloudNow?: () => Date;
  /** In place of the configured one. */
  readonly issuers?: readonly IssuerSettings[];
  readonly subAccounts?: readonly SubAccountSettings[];
  /** In place of a clock that is never set. */
  readonly elapsedMs?: () => number;
  /** Lines of YAML for the `policy` settings. */
  readonly policy?: string;
  /** Left out: an SQLite file of its own. */
  readonly database?: DatabaseOptions;
}

/** A record of the journal as it stands in its file. */
export interface JournalLine {
  readonly kind: string;
  readonly requestId?: string;
  readonly outcome?: string | null;
  readonly code?: string | null;
  readonly [member: string]: unknown;
}

export interface RunningGateway {
  readonly url: string;
  readonly adminUrl: string;
  readonly directory: string;
  readonly configuration: Configuration;
  readonly services: Services;
  readonly served: Served;
  /** Only when no other upstream was asked for. */
  readonly simulator: Simulator;
  /** Everything that was logged. */
  readonly logged: () => string;
  token(tenant: string): string;
  /** Call the image-slim path of a bucket as a tenant. */
  call(method: string, options?: CallOptions): Promise<Response>;
  /** The journal's records, oldest first. */
  records(): JournalLine[];
  close(): Promise<void>;
}

export interface CallOptions {
  readonly tenant?: string;
  readonly token?: string;
  readonly bucket?: string;
  readonly region?: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export const SECRET_KEY = 'canary-secret-key-0f3b1a';
export const ISSUER_SECRET = 'canary-issuer-secret-which-has-more-than-32-bytes';

/** Start a whole gateway on free ports in a directory of its own; it ends with the test. */
export async function startGateway(options: GatewayOptions = {}): Promise<RunningGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-'));
  const configuration = writeConfiguration(directory, options);
  const isElsewhere = options.connect !== undefined || options.lookup !== undefined;
  const simulator = isElsewhere
    ? null
    : await startSimulator(directory, options.cloudNow ?? options.now);
  const lines: string[] = [];
  const log = operatorsLog('debug', { write: (line) => void lines.push(line) });
  const services = await createServices(configuration, {
    log,
    database: await openDatabase(options.database ?? (await ownDatabase(configuration))),
    ...connectionOf(options, simulator),
    ...(options.now && { now: options.now }),
    ...(options.elapsedMs && { elapsedMs: options.elapsedMs }),
  });
  const served = await serve(services, configuration.settings);
  const url = `http://127.0.0.1:${served.gateway.port}`;
  const tokens: string[] = [];
  const answers: string[] = [];

  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await served.close();
    await closeServices(services);
    await simulator?.close();
  };
  onTestFinished(async () => {
    await close();
    const segment = join(directory, 'var', 'journal', SEGMENT);
    // A test may have taken the journal away.
    const journal = existsSync(segment) ? readFileSync(segment, 'utf8') : '';
    expectNoSecret(lines.join('') + journal + answers.join(''), [
      ...tokens,
      signingKeyIn(directory),
      ...(simulator?.received() ?? []).flatMap(({ headers }) => signaturesIn(headers)),
    ]);
    rmSync(directory, { recursive: true, force: true });
  });

  const token = (tenant: string) => {
    const minted = mintFor(configuration, tenant, services.now());
    tokens.push(minted);
    return minted;
  };
  return {
    url,
    adminUrl: `http://127.0.0.1:${served.admin.port}`,
    directory,
    configuration,
    services,
    served,
    simulator: simulator as Simulator, // Absent only when a test brings its own upstream.
    logged: () => lines.join(''),
    token,
    call: async (method, call = {}) => {
      const bearer = call.token ?? token(call.tenant ?? 'photos');
      const answer = await callGateway(url, method, { ...call, token: bearer });
      answers.push(JSON.stringify([...answer.headers]), await answer.clone().text());
      return answer;
    },
    records: () => readJournal(join(directory, 'var', 'journal')),
    close,
  };
}

/** An SQLite file. A gateway a test: a thread for each would be a third of their time. */
async function ownDatabase({
  databaseUrl: url,
  stateDirectory,
}: Configuration): Promise<DatabaseOptions> {
  await placeEmptyDatabase(stateDirectory);
  return { url, stateDirectory, isInThread: false };
}

/** Where the upstream is. */
function connectionOf({ connect, lookup }: GatewayOptions, simulator: Simulator | null) {
  if (lookup !== undefined) return { lookup };
  return { connect: connect ?? (simulator as Simulator) }; // One of both is always there.
}

function mintFor({ issuers }: Configuration, tenant: string, now: Date): string {
  const [issuer] = issuers;
  if (issuer === undefined) throw new Error('the test configuration has an issuer');
  return mintToken(issuer, { tenant, lifetimeSeconds: 3600, now, tokenId: randomUUID() });
}

async function callGateway(url: string, method: string, call: CallOptions): Promise<Response> {
  const { region = REGION, bucket = BUCKET, query = '', token = '', body } = call;
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  return fetch(`${url}/v1/regions/${region}/buckets/${bucket}/image-slim${query}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...call.headers,
    },
    ...(body !== undefined && {
      body: (isText ? body : JSON.stringify(body)) as NonNullable<RequestInit['body']>,
    }),
  });
}

const SEGMENT = 'segment-00000001.jsonl';

/** What the audit journal is signed with, without the lines around it. */
function signingKeyIn(directory: string): string {
  const pem = readFileSync(join(directory, 'var', 'audit-signing.key'), 'utf8');
  return pem.split('\n')[1] ?? pem;
}

/** The signatures among raw headers. */
function signaturesIn(headers: unknown): string[] {
  return JSON.stringify(headers).match(/(?<=q-signature=)[0-9a-f]{40}/g) ?? [];
}

/** Whatever a test did, no secret stands in what the gateway said, logged or recorded. */
function expectNoSecret(output: string, secrets: readonly string[]): void {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split('.').slice(2)]);
  const found = [SECRET_KEY, ISSUER_SECRET, ...parts].filter((secret) => output.includes(secret));
  expect(found).toEqual([]);
}

/** A gateway that runs may be writing the last line: only those with their end are read. */
export function readJournal(directory: string): JournalLine[] {
  return readFileSync(join(directory, SEGMENT), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

async function startSimulator(directory: string, now?: () => Date): Promise<Simulator> {
  return createSimulator({
    cloud: parseLocalCloud(LOCAL_CLOUD),
    stateDirectory: join(directory, 'cloud'),
    strict: true,
    ...(now && { now }),
  });
}

/** Write a configuration with its files, and read it as `slimgate start` would. */
function writeConfiguration(directory: string, options: GatewayOptions): Configuration {
  writeFiles(directory, options);
  const configuration = loadConfiguration(join(directory, 'gateway.yaml'), {});
  const { issuers, subAccounts } = options;
  return { ...configuration, ...(issuers && { issuers }), ...(subAccounts && { subAccounts }) };
}

/** Write a configuration and all that it names. */
export function writeFiles(directory: string, options: GatewayOptions): void {
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write('issuer.secret', ISSUER_SECRET);
  write('table.yaml', options.table ?? TABLE);
  const more = options.mediaKeys ?? '';
  write('media.yaml', `secretId: AKIDmedia\nsecretKey: ${SECRET_KEY}\n${more}\n`);
  write('reader.yaml', `secretId: AKIDreader\nsecretKey: ${SECRET_KEY}\n`);
  write('gateway.yaml', configurationText(options));
}

const indent = (lines: string | undefined) => (lines ? `\n${lines.replace(/^/gm, '  ')}` : ' {}');

export function configurationText(options: GatewayOptions = {}): string {
  const { listen = '', upstream, limits, policy, savings } = options;
  const { state = '{ readBefore: never }' } = options;
  return `
mode: development
listen:${indent(`port: 0\n${listen}`)}
admin: { port: 0 }
stateDirectory: var
identity:
  issuers:
    - issuer: https://issuer.test
      audiences: [slimgate]
      development: true
      keys: [{ kid: k1, algorithm: HS256, secretFile: issuer.secret }]
subAccounts:
  - { name: media, uin: '100000000011', ownerUin: '100000000001', appId: '1250000000', credentials: { from: file, path: media.yaml } }
  - { name: reader, uin: '100000000012', ownerUin: '100000000001', appId: '1250000000', credentials: { from: file, path: reader.yaml } }
policyTableFile: table.yaml
upstream:${indent(upstream)}
limits:${indent(limits)}
policy:${indent(policy)}
savings:${indent(savings)}
state: ${state}
`;
}

export const LOCAL_CLOUD = `
accounts:
  - appId: '1250000000'
    uin: '100000000001'
    subAccounts:
      - name: media
        uin: '100000000011'
        keys: [{ secretId: AKIDmedia, secretKey: ${SECRET_KEY} }]
        policies:
          - version: '2.0'
            statement: { effect: allow, action: ['ci:*', 'cos:*'], resource: '*' }
      - name: reader
        uin: '100000000012'
        keys: [{ secretId: AKIDreader, secretKey: ${SECRET_KEY} }]
        policies:
          - version: '2.0'
            statement: { effect: allow, action: 'ci:Describe*', resource: '*' }
buckets:
  - { name: examplebucket-1250000000, region: ap-shanghai, bound: true }
  - { name: catalogue-1250000000, region: ap-guangzhou, bound: true }
  - { name: archive-1250000000, region: ap-shanghai, bound: true }
  - { name: unbound-1250000000, region: ap-shanghai, bound: false }
`;
