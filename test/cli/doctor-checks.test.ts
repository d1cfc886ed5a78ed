import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { expect, test } from 'vitest';
import type { CredentialSettings } from '../../src/accounts/credential-settings.ts';
import { checkClock } from '../../src/cli/doctor/clock.ts';
import { checkDatabase } from '../../src/cli/doctor/database.ts';
import { checkIssuers } from '../../src/cli/doctor/issuers.ts';
import { checkKeys } from '../../src/cli/doctor/keys.ts';
import { checkStateDirectory } from '../../src/cli/doctor/state-directory.ts';
import { checkTls } from '../../src/cli/doctor/tls.ts';
import { checkUpstream } from '../../src/cli/doctor/upstream.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { openTransport } from '../../src/open-upstream.ts';
import { createSigner } from '../../src/signing/sign-request.ts';
import { makeCertificate } from '../support/certificate.ts';
import { writeFiles } from '../support/gateway.ts';
import {
  ecKey,
  issuerWithKeySet,
  json,
  keySetAt,
  keySetText,
  startKeyServer,
} from '../support/key-server.ts';
import { listenOn } from '../support/listen-on.ts';
import { LOCAL_KEYS, startLocalCloud, temporaryDirectory } from '../support/local-cloud.ts';
import { fixedKeys, OPERATOR, startKeeping } from '../support/sub-accounts.ts';

const now = () => new Date();
/** The configuration of the tests, which nobody starts. */
async function configurationOf() {
  const directory = await temporaryDirectory();
  writeFiles(directory, {});
  return loadConfiguration(join(directory, 'gateway.yaml'), {});
}

const verdicts = (found: readonly { check: string; verdict: string }[]) =>
  found.map(({ check, verdict }) => `${verdict} ${check}`);

test('a clock is told from 30 seconds on, and is a failure from five minutes on', () => {
  const at = new Date(1_700_000_000_000);
  const by = (seconds: number) => checkClock('h', at, new Date(at.getTime() + seconds * 1000));
  expect([0, 29, -29, 30, -31, 299, 300, -4000].map((off) => by(off).verdict)).toEqual([
    ...['ok', 'ok', 'ok', 'warn', 'warn', 'warn'],
    ...['fail', 'fail'],
  ]);
  expect(by(-4000)).toMatchObject({
    seen: '4000 seconds behind that of h',
    remedy: expect.stringMatching(/clock/),
  });
});

test('a state directory that is not there is one that the start makes', async () => {
  const place = join(await temporaryDirectory(), 'a', 'b');
  expect(verdicts(await checkStateDirectory(place))).toEqual(['ok state directory']);
});

test('a directory that cannot be written is a failure that says what becomes of it', async () => {
  // Nobody, not even root, makes a file here.
  const [durability] = await checkStateDirectory('/proc/self');
  expect(durability).toMatchObject({ check: 'durability', verdict: 'fail' });
  expect(durability?.remedy).toMatch(/^changes would be refused/);
});

test('a database that is damaged, or cannot be reached, is a failure, and is left as it is', async () => {
  const stateDirectory = await temporaryDirectory();
  const configuration = await configurationOf();
  const at = (change: object) => checkDatabase({ ...configuration, stateDirectory, ...change });
  expect(await at({})).toMatchObject({
    verdict: 'ok',
    seen: expect.stringMatching(/there is none yet/),
  });
  writeFileSync(join(stateDirectory, 'slimgate.db'), 'not a database');
  expect(await at({})).toMatchObject({
    verdict: 'fail',
    seen: expect.stringMatching(/not an SQLite database/),
  });
});

test('an issuer whose keys cannot be read is a failure, and one whose keys can is not', async () => {
  const configuration = await configurationOf();
  const server = await startKeyServer();
  const issuers = [issuerWithKeySet(keySetAt(server.origin))];
  server.answer = json(keySetText(ecKey('first')));
  const [good] = await checkIssuers({ ...configuration, issuers }, now);
  expect(good).toMatchObject({ verdict: 'ok', seen: '1 key, fresh' });
  server.answer = json('no key set');
  const [bad] = await checkIssuers({ ...configuration, issuers }, now);
  expect(bad).toMatchObject({ verdict: 'fail', check: 'issuer https://issuer.test' });
});

const OWNERS: readonly {
  name: string;
  credentials: CredentialSettings;
  is: string;
  seen: RegExp;
}[] = [
  {
    name: 'of the sub-account',
    credentials: fixedKeys(LOCAL_KEYS.media),
    is: 'ok',
    seen: /is a key of 100000000011 in the main account 100000000001$/,
  },
  { name: 'of a role', credentials: OPERATOR, is: 'ok', seen: /in the main account 100000000001$/ },
  {
    name: 'of another account',
    credentials: fixedKeys(LOCAL_KEYS.partner),
    is: 'fail',
    seen: /a key of the main account 100000000002, not of 100000000001$/,
  },
  {
    name: 'that are wrong',
    credentials: fixedKeys({ ...LOCAL_KEYS.media, secretKey: 'wrong' }),
    is: 'fail',
    seen: /AuthFailure\.SignatureFailure/,
  },
  {
    name: 'that cannot be had',
    credentials: { from: 'metadata', role: 'absent' },
    is: 'fail',
    seen: /^metadata: metadata\.tencentyun\.com answered with status 404$/,
  },
];

test.for(OWNERS)('keys $name: $is', async ({ credentials, is, seen }) => {
  const connect = await startLocalCloud();
  const kept = await startKeeping(credentials, { connect });
  const [finding] = await checkKeys({ ...kept, now });
  expect(finding).toMatchObject({ check: 'keys of media', verdict: is });
  expect(finding?.seen).toMatch(seen);
});

test('a key of the main account itself can do everything, which is told', async () => {
  const uin = '100000000001';
  const Response = { AccountId: uin, PrincipalId: uin, Arn: '', Type: 'CAMUser' };
  const sts = createHttpServer((_, response) => response.end(JSON.stringify({ Response })));
  const kept = await startKeeping(fixedKeys(LOCAL_KEYS.media), { connect: await listenOn(sts) });
  const [finding] = await checkKeys({ ...kept, now });
  expect(finding).toMatchObject({ verdict: 'warn', check: 'keys of media' });
  expect(finding?.seen).toMatch(/of the main account itself: it can do everything$/);
});

const HOST = 'pic.ap-shanghai.myqcloud.com';

/** Ask about a bucket of the local cloud with these keys. */
async function asked(bucket: string, credentials: CredentialSettings) {
  const cloud = await startLocalCloud();
  const { settings } = await configurationOf();
  const { subAccounts } = await startKeeping(credentials, { connect: cloud });
  const transport = openTransport(settings.upstream, { connect: cloud });
  const appId = bucket.slice(bucket.lastIndexOf('-') + 1);
  const host = `${bucket}.${HOST}`;
  const target = { region: 'ap-shanghai', bucket, appId, host, objectHost: host };
  const signRequest = createSigner(settings.upstream);
  const parts = { subAccounts, transport, signRequest, timeoutMs: 2_000, now };
  const found = await checkUpstream({ target, host }, parts);
  transport.close();
  return { found, received: cloud.received() };
}

test('a key that may list objects is told, one of a narrowed session is not, and all of it reads', async () => {
  const own = await asked('examplebucket-1250000000', fixedKeys(LOCAL_KEYS.media));
  const session = await asked('examplebucket-1250000000', OPERATOR);
  expect(verdicts(own.found)).toEqual([
    ...['ok examplebucket-1250000000 as media', 'ok clock', 'warn excess of media'],
  ]);
  expect(verdicts(session.found)).toContain('ok excess of media');
  const methods = own.received.map(({ method }) => method);
  expect(new Set(methods)).toEqual(new Set(['GET']));
});

test('what the upstream refuses is told with what to do', async () => {
  const { found } = await asked('unbound-1250000000', fixedKeys(LOCAL_KEYS.media));
  expect(found[0]).toMatchObject({ verdict: 'fail', seen: 'UpsAppNotExist' });
  expect(found[0]?.remedy).toMatch(/^enable Cloud Infinite/);
  const foreign = await asked('partner-1250000001', fixedKeys(LOCAL_KEYS.media));
  expect(foreign.found).toMatchObject([{ check: 'bucket', verdict: 'fail' }]);
  expect(foreign.received).toEqual([]);
});

test('a host proves its name by a certificate that is trusted and lasts', async () => {
  const at = async (host: string, days: number, isTrusted: boolean) => {
    const notAfter = new Date(Date.now() + days * 24 * 3_600_000);
    const { key, cert } = makeCertificate({ host, notAfter });
    const { port } = await listenOn(createServer({ key, cert }, (socket) => socket.end()));
    const trust = isTrusted && { ca: cert };
    return checkTls('localhost', { port, timeoutMs: 5_000, now, ...trust });
  };
  expect(await at('localhost', 100, true)).toMatchObject({ verdict: 'ok' });
  expect(await at('localhost', 5, true)).toMatchObject({ verdict: 'warn' });
  expect(await at('another', 100, true)).toMatchObject({ verdict: 'fail' });
  expect(await at('localhost', 100, false)).toMatchObject({ verdict: 'fail' });
});
