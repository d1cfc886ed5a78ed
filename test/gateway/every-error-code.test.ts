import { hash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import jsonwebtoken from 'jsonwebtoken';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { ERROR_TABLE, type ErrorCode } from '../../src/errors.ts';
import { mintToken } from '../../src/identity/mint-token.ts';
import { closeDatabase } from '../../src/store/database.ts';
import { ADMIN_DOCUMENT, ADMIN_TABLE } from '../support/admin.ts';
import { ISSUER_SECRET, type RunningGateway, startGateway, TABLE } from '../support/gateway.ts';
import { issuerWithKeySet, keySetAt } from '../support/key-server.ts';
import { listenOn } from '../support/listen-on.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

/** An upstream that gives one answer to everything. */
async function answering(status: number, body = '', headers = {}): Promise<RunningGateway> {
  const upstream = http.createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body);
  });
  return startGateway({ connect: await listenOn(upstream) });
}

const refusing = (status: number, code: string) =>
  answering(status, `<Error><Code>${code}</Code><Message>text</Message></Error>`);

const put = (gateway: RunningGateway, headers?: Record<string, string>) =>
  gateway.call('PUT', { body: AUTO, ...(headers && { headers }) });

/** Sends a request as fetch would not: repeated headers, an absolute target, a slow body. */
async function raw(gateway: RunningGateway, text: string): Promise<Response> {
  const socket = net.connect(gateway.served.gateway.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(text.replaceAll('\n', '\r\n'));
  let answer = '';
  for await (const chunk of socket) {
    answer += chunk;
    if (answer.includes('\n\r\n{') || answer.endsWith('}\n')) break;
  }
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return new Response(body, { status: Number(head.split(' ')[1]) });
}

const READING = { state: '{ readBefore: always }' };
const PATH = '/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim';

/** A token of the configured issuer with other claims than a good one. */
async function withClaims(change: Partial<Parameters<typeof mintToken>[1]>): Promise<Response> {
  const gateway = await startGateway();
  const [issuer] = gateway.configuration.issuers;
  if (issuer === undefined) throw new Error('there is an issuer');
  const request = { tenant: 'photos', lifetimeSeconds: 60, now: new Date(), tokenId: 't' };
  const other = { ...issuer, ...(change.audience && { audiences: [change.audience] }) };
  return gateway.call('GET', { token: mintToken(other, { ...request, ...change }) });
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const forged = (header: object, claims: object = { iss: 'https://issuer.test' }) =>
  `${part(header)}.${part(claims)}.${'A'.repeat(43)}`;
const withToken = async (token: string) => (await startGateway()).call('GET', { token });

/** A change of the policy table with something in it that is not right. */
async function changing(change: object): Promise<Response> {
  const gateway = await startGateway({ table: ADMIN_TABLE });
  return fetch(`${gateway.adminUrl}/v1/policy/versions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${gateway.token('security')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ basedOn: 1, document: ADMIN_DOCUMENT, ...change }),
  });
}

/** Of two changes, the first is at the upstream until the other is refused. */
async function besideOneThatIsHeld(limits: string): Promise<Response> {
  const upstream = net.createServer();
  const held = once(upstream, 'connection');
  const gateway = await startGateway({ connect: await listenOn(upstream), limits });
  const first = put(gateway);
  const [socket] = await held;
  const refused = await put(gateway);
  socket.destroy();
  await first;
  return refused;
}

const minutes = (count: number) => new Date(Date.now() + count * 60_000);

/** One way to come to each code of the table. */
const TRIGGERS: Readonly<Record<ErrorCode, () => Promise<Response>>> = {
  'request-target-invalid': async () =>
    (await startGateway()).call('GET', { region: 'ap%2Dshanghai' }),
  'header-repeated': async () => {
    const gateway = await startGateway();
    return raw(
      gateway,
      `GET ${PATH} HTTP/1.1\nHost: a\nAuthorization: Bearer a\nAuthorization: Bearer b\n\n`,
    );
  },
  'header-invalid': async () => put(await startGateway(READING), { 'if-match': 'x' }),
  'header-unsupported': async () => put(await startGateway(), { 'if-none-match': '*' }),
  'bad-target': async () => (await startGateway()).call('GET', { bucket: 'nobody' }),
  'query-invalid': async () => (await startGateway()).call('GET', { query: '?dryRun=true' }),
  'forwarded-for-invalid': async () => {
    const gateway = await startGateway({ listen: 'trustedProxies: [127.0.0.1]' });
    return gateway.call('GET', { headers: { 'x-forwarded-for': 'unknown' } });
  },
  'body-unexpected': async () => (await startGateway()).call('DELETE', { body: AUTO }),
  'body-malformed': async () => (await startGateway()).call('PUT', { body: '{' }),
  'body-too-large': async () => (await startGateway()).call('PUT', { body: ' '.repeat(5000) }),
  'body-timeout': async () => {
    const gateway = await startGateway({ limits: 'bodyTimeoutMs: 100' });
    const token = gateway.token('photos');
    return raw(
      gateway,
      `PUT ${PATH} HTTP/1.1\nHost: a\nAuthorization: Bearer ${token}\nContent-Type: application/json\nContent-Length: 9\n\n{`,
    );
  },
  'unsupported-media-type': async () => put(await startGateway(), { 'content-type': 'text/plain' }),
  'body-invalid': async () => (await startGateway()).call('PUT', { body: { modes: [] } }),

  'token-missing': async () => fetch((await startGateway()).url + PATH),
  'token-malformed': () => withToken('a.b'),
  'token-algorithm': () => withToken(forged({ alg: 'none' })),
  'token-key-unknown': () => withToken(forged({ alg: 'HS256', kid: 'another' })),
  'token-signature': () => withToken(forged({ alg: 'HS256', kid: 'k1' })),
  'token-expired': () => withClaims({ now: minutes(-10) }),
  'token-not-yet-valid': () => withClaims({ now: minutes(10), lifetimeSeconds: 600 }),
  'token-claims': () => {
    const claims = { iss: 'https://issuer.test', aud: 'slimgate', sub: 'photos' };
    return withToken(jsonwebtoken.sign(claims, ISSUER_SECRET, { keyid: 'k1', noTimestamp: true }));
  },
  'token-issuer': () => withToken(forged({ alg: 'HS256', kid: 'k1' }, { iss: 'https://other' })),
  'token-audience': () => withClaims({ audience: 'another' }),

  'token-revoked': async () => {
    const gateway = await startGateway();
    const { revocations, revocationList, now } = gateway.services;
    const tenant = { kind: 'tenant', issuer: null, value: 'photos', until: null } as const;
    const about = { id: 'r', note: '', author: 'security', createdAt: now() };
    await revocations.add({ ...tenant, ...about }, now());
    await revocationList.look();
    return gateway.call('GET');
  },
  'audit-not-prunable': async () => {
    const table = ADMIN_TABLE.replace('slimgate:ReadPolicy', 'slimgate:PruneAudit');
    const gateway = await startGateway({ table });
    writeFileSync(join(gateway.directory, 'var/journal/pruned.json'), '{}');
    const headers = {
      authorization: `Bearer ${gateway.token('security')}`,
      'content-type': 'application/json',
    };
    const body = '{"before":"2020-01-01T00:00:00Z"}';
    return fetch(`${gateway.adminUrl}/v1/audit/prune`, { method: 'POST', headers, body });
  },
  'no-such-revocation': async () => {
    const table = ADMIN_TABLE.replace('slimgate:ReadPolicy', 'slimgate:RevokeToken');
    const gateway = await startGateway({ table });
    const headers = { authorization: `Bearer ${gateway.token('security')}` };
    return fetch(`${gateway.adminUrl}/v1/revocations/none`, { method: 'DELETE', headers });
  },
  'revocations-stale': async () => {
    let [ms, step] = [0, 0];
    const elapsedMs = () => {
      ms += step;
      return ms;
    };
    const gateway = await startGateway({ elapsedMs });
    // Whatever is confirmed now is old when it is looked at next.
    step = 60_000;
    return gateway.call('GET');
  },
  'keys-unavailable': async () => {
    const gateway = await startGateway({
      issuers: [issuerWithKeySet(keySetAt('http://127.0.0.1:1/'))],
    });
    return gateway.call('GET', { token: forged({ alg: 'RS256', kid: 'k1' }) });
  },

  'policy-denied': async () =>
    (await startGateway()).call('PUT', { body: AUTO, tenant: 'reports' }),
  'policy-invalid': () => changing({ document: { version: 2 } }),
  'policy-conflict': () => changing({ basedOn: 9 }),
  'policy-lockout': () => changing({ document: parse(TABLE) }),
  'no-such-version': async () => {
    const gateway = await startGateway({ table: ADMIN_TABLE });
    const headers = { authorization: `Bearer ${gateway.token('security')}` };
    return fetch(`${gateway.adminUrl}/v1/policy/versions/7`, { headers });
  },
  'policy-stale': async () => {
    let ms = 0;
    const gateway = await startGateway({ policy: 'maxStaleMs: 1000', elapsedMs: () => ms });
    // The database is there, but its newest version cannot be used here.
    await gateway.services.policyVersions.add({
      number: 2,
      parent: 1,
      digest: hash('sha256', '{}'),
      document: '{}',
      author: 'another',
      note: '',
      createdAt: new Date(),
      requestId: 'r',
    });
    ms = 2_000;
    await expect.poll(() => gateway.services.revocationList.status().isStale).toBe(false);
    return put(gateway);
  },
  'store-unavailable': async () => {
    const gateway = await startGateway({ table: ADMIN_TABLE });
    await closeDatabase(gateway.services.database);
    const headers = { authorization: `Bearer ${gateway.token('security')}` };
    return fetch(`${gateway.adminUrl}/v1/policy`, { headers });
  },
  'no-such-route': async () => fetch(`${(await startGateway()).url}/elsewhere`),
  'method-not-allowed': async () => fetch((await startGateway()).url + PATH, { method: 'POST' }),
  'rate-limited': () => besideOneThatIsHeld('concurrentRequestsPerTenant: 1'),
  overloaded: () => besideOneThatIsHeld('changesWaitingPerBucket: 0'),
  'audit-unavailable': async () => {
    const gateway = await startGateway();
    const segment = join(gateway.directory, 'var', 'journal', 'segment-00000001.jsonl');
    await put(gateway);
    rmSync(segment);
    return put(gateway);
  },
  'index-unavailable': async () => {
    const gateway = await startGateway();
    await gateway.services.database.connection.close();
    const headers = { authorization: `Bearer ${gateway.token('photos')}` };
    return fetch(`${gateway.url}/v1/audit/records`, { headers });
  },
  'internal-error': async () => {
    const gateway = await startGateway();
    Object.assign(gateway.services.tenantGate, {
      enter: () => {
        throw new TypeError('a fault of ours');
      },
    });
    return put(gateway);
  },

  'no-such-bucket': async () => (await startGateway()).call('GET', { bucket: 'nobody-1250000000' }),
  'bucket-not-bound': async () =>
    (await startGateway()).call('PUT', { body: AUTO, bucket: 'unbound-1250000000' }),
  'precondition-failed': async () => put(await startGateway(READING), { 'if-match': '"x"' }),
  'region-unsupported': async () => put(await refusing(400, 'RegionUnsupport')),
  'upstream-access-denied': async () =>
    (await startGateway()).call('PUT', { body: AUTO, tenant: 'intern' }),
  'credentials-unavailable': async () => {
    const expired = new Date(Date.now() - 1_000).toISOString();
    return put(await startGateway({ mediaKeys: `expires: ${expired}` }));
  },
  'upstream-credentials': async () => put(await refusing(403, 'SignatureDoesNotMatch')),
  'upstream-unreachable': async () =>
    put(await startGateway({ connect: { host: '127.0.0.1', port: 1 } })),
  'upstream-unavailable': async () => {
    const gateway = await startGateway({
      connect: { host: '127.0.0.1', port: 1 },
      upstream: 'outage: { failures: 2 }',
    });
    await expect
      .poll(async () => (await put(gateway)).status, { interval: 300, timeout: 10_000 })
      .toBe(503);
    return put(gateway);
  },
  'upstream-failed': async () => put(await refusing(500, 'InternalError')),
  'upstream-unexpected': async () => put(await answering(200, 'hello')),
  'upstream-throttled': async () => put(await refusing(503, 'SlowDown')),
  'clock-skew': async () => put(await refusing(403, 'RequestTimeTooSkewed')),
  'upstream-timeout': async () =>
    put(
      await startGateway({
        connect: await listenOn(net.createServer()),
        upstream: 'timeoutMs: 150',
      }),
    ),
};

test.for(Object.keys(ERROR_TABLE) as ErrorCode[])(
  '%s is reached, as the table says',
  async (code) => {
    const answer = await TRIGGERS[code]();
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({
      type: `urn:slimgate:problem:${code}`,
      title: ERROR_TABLE[code].title,
      status: ERROR_TABLE[code].status,
      code,
      detail: expect.stringMatching(/./),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(answer.status).toBe(ERROR_TABLE[code].status);
  },
);
