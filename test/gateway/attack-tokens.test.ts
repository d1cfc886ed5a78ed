import http from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  EVERY_ISSUER,
  goodTokens,
  mixedUpTokens,
  spoiltTokens,
} from '../identity/all-algorithms.ts';
import {
  audienceAttacks,
  issuerAttacks,
  tenantAttacks,
  timeAttacks,
} from '../identity/claim-attacks.ts';
import { partAttacks, prototypeAttacks, spellingAttacks } from '../identity/form-attacks.ts';
import { algorithmAttacks, keyIdAttacks, memberAttacks } from '../identity/header-attacks.ts';
import { confusionAttacks } from '../identity/key-attacks.ts';
import { claimsWith, ISSUERS, NOW, tokenWith } from '../identity/token-forge.ts';
import { BUCKET, REGION, type RunningGateway, startGateway } from '../support/gateway.ts';
import { listenOn } from '../support/listen-on.ts';

const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;

interface Answer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly code: string | undefined;
}

/** Ask with exactly these headers; a connection that is broken off is an error. */
function ask(
  gateway: RunningGateway,
  headers: http.OutgoingHttpHeaders,
  path = PATH,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = http.get(`${gateway.url}${path}`, { headers, agent: AGENT }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk) => void chunks.push(chunk));
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { statusCode: status = 0, headers: given } = response;
      const challenge = given['www-authenticate'];
      resolve({ status, challenge, code: text === '' ? undefined : JSON.parse(text).code });
    });
  });
  request.on('error', reject);
  return promise;
}

const AGENT = new http.Agent({ keepAlive: true, maxSockets: 16 });

const startWithIssuers = () =>
  startGateway({ issuers: [...ISSUERS, EVERY_ISSUER], now: () => NOW, connect: NOWHERE });
const NOWHERE = { host: '127.0.0.1', port: 1 };

/** What can stand in a header, and is not changed by what trims its ends. */
const isSendable = (token: string) => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(token);

describe('attacks on a running gateway', () => {
  test('T01 to T14: each gets a 401 with its challenge, every good token comes through', async () => {
    const gateway = await startWithIssuers();
    const attacks = [
      ...algorithmAttacks(),
      ...confusionAttacks(),
      ...keyIdAttacks(),
      ...memberAttacks('http://127.0.0.1:1/'),
      ...timeAttacks(),
      ...audienceAttacks(),
      ...issuerAttacks(),
      ...tenantAttacks(),
      ...partAttacks(),
      ...spellingAttacks(),
      ...prototypeAttacks(),
      ...mixedUpTokens(),
      ...spoiltTokens(),
    ].filter(({ token }) => isSendable(token) && token.length < 12_000);
    expect(attacks.length).toBeGreaterThan(1400);
    // A tenth of each table; the verifier is given all of them elsewhere.
    const sent = attacks.filter((_, index) => index % 10 === 0);
    const wrong: object[] = [];
    await Promise.all(
      sent.map(async ({ name, token, codes }) => {
        const answer = await ask(gateway, { authorization: `Bearer ${token}` });
        const isRight =
          answer.status === 401 &&
          answer.challenge === 'Bearer error="invalid_token"' &&
          [...codes, 'token-malformed'].includes(answer.code ?? '');
        if (!isRight) wrong.push({ name, ...answer });
      }),
    );
    expect(wrong).toEqual([]);
    for (const { name, token } of goodTokens()) {
      const answer = await ask(gateway, { authorization: `Bearer ${token}` });
      // Nobody has a statement in the table, so who is authenticated is denied.
      expect([name, answer.status, answer.code]).toEqual([name, 403, 'policy-denied']);
    }
    // Nothing that an attacker wrote made a line of its own, or is in the log at all.
    const lines = gateway.logged().trimEnd().split('\n');
    expect(lines.every((line) => Object.hasOwn(JSON.parse(line), 'level'))).toBe(true);
    expect(gateway.logged()).not.toMatch(/canary|evil\.example|etc\/passwd|jndi/);
  }, 60_000);

  test('T13: a token that is longer than a header may be gets 431, and the gateway goes on', async () => {
    const gateway = await startWithIssuers();
    const huge = tokenWith(claimsWith({ x: 'x'.repeat(60_000) }));
    expect(await ask(gateway, { authorization: `Bearer ${huge}` })).toMatchObject({ status: 431 });
    const good = `Bearer ${tokenWith(undefined)}`;
    expect(await ask(gateway, { authorization: good })).toMatchObject({ code: 'policy-denied' });
  });
});

describe('T15, a token stands in Authorization and nowhere else', () => {
  const token = tokenWith(undefined);
  const elsewhere: Record<string, http.OutgoingHttpHeaders> = {
    'a cookie': { cookie: `access_token=${token}; Authorization=Bearer ${token}` },
    'Proxy-Authorization': { 'proxy-authorization': `Bearer ${token}` },
    'X-Authorization': { 'x-authorization': `Bearer ${token}` },
    'X-Forwarded-Authorization': { 'x-forwarded-authorization': `Bearer ${token}` },
    'X-Forwarded-Access-Token': { 'x-forwarded-access-token': token },
    'X-Auth-Token': { 'x-auth-token': token },
    'the security token of signatures': { 'x-cos-security-token': token },
    'an identity': { 'x-forwarded-user': 'acme', 'x-remote-user': 'acme', 'x-tenant': 'acme' },
    'the user agent of a health check': { 'user-agent': 'kube-probe/1.31', 'x-health': '1' },
    'a path that is open': { 'x-forwarded-uri': '/livez', 'x-original-url': '/livez' },
    'a method that is open': { 'x-http-method-override': 'OPTIONS' },
    'an address that is ours': { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' },
    'an underscore': { authorization_: `Bearer ${token}` },
    'another scheme': { authorization: `Token ${token}` },
    'the user of Basic': { authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}` },
    'a WebSocket protocol': { 'sec-websocket-protocol': `bearer, ${token}` },
  };

  test('not in any other header, cookie or parameter', async () => {
    const gateway = await startWithIssuers();
    for (const [name, headers] of Object.entries(elsewhere)) {
      expect([name, await ask(gateway, headers)]).toEqual([
        name,
        { status: 401, challenge: 'Bearer realm="slimgate"', code: 'token-missing' },
      ]);
    }
    for (const parameter of ['access_token', 'token', 'authorization', 'jwt']) {
      const answer = await ask(gateway, {}, `${PATH}?${parameter}=${token}`);
      expect(answer).toMatchObject({ status: 401, code: 'token-missing' });
    }
    expect(gateway.logged()).not.toContain(token.slice(0, 40));
  });

  test('and once: repeated fields are a 400, whatever is in them', async () => {
    const gateway = await startWithIssuers();
    for (const fields of [
      [`Bearer ${token}`, `Bearer ${token}`],
      [`Bearer ${token}`, ''],
      ['Basic YTpi', `Bearer ${token}`],
    ]) {
      const answer = await ask(gateway, { authorization: fields as unknown as string });
      expect(answer).toMatchObject({ status: 400, code: 'header-repeated' });
    }
  });
});

test('T08: a token is decided on once, when its request comes, however long that takes', async () => {
  let nowMs = NOW.getTime();
  const upstream = http.createServer((_, response) => {
    nowMs += 90_000; // So long the request was held.
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end('<ImageSlim><Status>off</Status></ImageSlim>');
  });
  const gateway = await startGateway({
    connect: await listenOn(upstream),
    now: () => new Date(nowMs),
  });
  const token = gateway.token('photos');
  nowMs += 3_600_000 - 1000;
  expect((await gateway.call('GET', { token })).status).toBe(200);
  expect(nowMs).toBeGreaterThan(NOW.getTime() + 3_600_000 + 60_000);
  const later = await gateway.call('GET', { token });
  expect([later.status, ((await later.json()) as { code: string }).code]).toEqual([
    401,
    'token-expired',
  ]);
});
