import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../src/config/load.ts';
import { readIssuer } from '../../src/config/read-issuer.ts';
import { Source } from '../../src/config/source.ts';
import type { KeySetSettings } from '../../src/identity/issuer-settings.ts';
import { inDays, makeCertificate } from '../support/certificate.ts';
import {
  ecKey,
  issuerWithKeySet,
  json,
  keySetAt,
  keySetText,
  rsaKey,
  signedBy,
  startKeyServer,
} from '../support/key-server.ts';
import { goodClaims, openVerifier } from './key-reading.ts';

const KEY = ecKey('good');
const CERTIFICATE = makeCertificate({ host: 'localhost' });

function writeFiles(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-discovery-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** Answers by path; anything else is not found. */
function byPath(answers: Readonly<Record<string, RequestListener>>): RequestListener {
  return (request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  };
}

const WELL_KNOWN = '/.well-known/openid-configuration';

describe('discovery', () => {
  async function startIssuer(document: (origin: string) => object, path = '') {
    const server = await startKeyServer();
    const issuer = `${server.origin}${path}`;
    server.answer = byPath({
      [`${path.replace(/\/$/, '')}${WELL_KNOWN}`]: json(JSON.stringify(document(server.origin))),
      '/keys': json(keySetText(KEY)),
    });
    const keySet = keySetAt('', { place: { from: 'discovery', jwksUrl: null } });
    const opened = await openVerifier([issuerWithKeySet(keySet, { issuer })]);
    const token = signedBy(KEY, goodClaims(opened.now(), { iss: issuer }));
    return { ...opened, server, token };
  }

  test.for(['', '/', '/realms/one', '/realms/one/'])(
    'the issuer’s own document, at `%s`, says where its keys are',
    async (path) => {
      const { verdict, token, server } = await startIssuer(
        (origin) => ({ issuer: `${origin}${path}`, jwks_uri: `${origin}/keys` }),
        path,
      );
      expect(await verdict(token)).toBe('photos');
      expect(server.asked[1]).toBe('/keys');
    },
  );

  type Row = readonly [string, (origin: string) => object, RegExp];
  const keys = (origin: string) => `${origin}/keys`;
  const lies: readonly Row[] = [
    ['another issuer', (o) => ({ issuer: 'https://other', jwks_uri: keys(o) }), /another issuer/],
    ['a slash more', (o) => ({ issuer: `${o}/`, jwks_uri: keys(o) }), /another issuer/],
    ['no issuer', (o) => ({ jwks_uri: keys(o) }), /not a discovery document/],
    ['no keys', (o) => ({ issuer: o }), /not a discovery document/],
    ['keys that are a list', (o) => ({ issuer: o, jwks_uri: [keys(o)] }), /not a discovery/],
    ['a path', (o) => ({ issuer: o, jwks_uri: '/keys' }), /is not a URL/],
    ['a file', (o) => ({ issuer: o, jwks_uri: 'file:///etc/passwd' }), /must be https/],
    ['data', (o) => ({ issuer: o, jwks_uri: `data:,${keySetText(KEY)}` }), /must be https/],
    ['plain http', (o) => ({ issuer: o, jwks_uri: 'http://10.0.0.1/keys' }), /must be https/],
    ['a host like the loopback', (o) => ({ issuer: o, jwks_uri: 'http://localhost.x/' }), /https/],
    [
      'a password',
      (o) => ({ issuer: o, jwks_uri: keys(o).replace('//', '//a:b@') }),
      /must not have a user/,
    ],
    ['a page that is not there', (o) => ({ issuer: o, jwks_uri: `${o}/x` }), /the status 404/],
  ];
  test.for(lies)('a document with %s gives no keys', async ([, document, problem]) => {
    const { verdict, token, status, server } = await startIssuer(document);
    expect(status()).toMatchObject({
      state: 'unavailable',
      problem: expect.stringMatching(problem),
    });
    expect(await verdict(token)).toBe('keys-unavailable');
    expect(server.asked).not.toContain('/keys');
  });
});

describe('over TLS', () => {
  const startTls = async (certificate: typeof CERTIFICATE, changes: Partial<KeySetSettings>) => {
    const server = await startKeyServer(certificate);
    server.answer = json(keySetText(KEY));
    const directory = writeFiles({ 'ca.pem': certificate.cert });
    const caFile = join(directory, 'ca.pem');
    return openVerifier([issuerWithKeySet(keySetAt(server.origin, { caFile, ...changes }))]);
  };

  test('a server of the given authority is believed', async () => {
    const { verdict, now } = await startTls(CERTIFICATE, {});
    expect(await verdict(signedBy(KEY, goodClaims(now())))).toBe('photos');
  });

  const liars: readonly [string, typeof CERTIFICATE, Partial<KeySetSettings>, RegExp][] = [
    ['of no known authority', CERTIFICATE, { caFile: null }, /SELF_SIGNED/],
    ['of another host', makeCertificate({ host: 'other.example' }), {}, /ALTNAME/],
    [
      'that has expired',
      makeCertificate({ host: 'localhost', notAfter: inDays(-1) }),
      {},
      /EXPIRED/,
    ],
  ];
  test.for(liars)('a server %s is not', async ([, certificate, changes, problem]) => {
    const { status } = await startTls(certificate, changes);
    expect(status()).toMatchObject({
      state: 'unavailable',
      problem: expect.stringMatching(problem),
    });
  });

  test('a bearer token is sent to the issuer’s own origin alone', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await startKeyServer(CERTIFICATE);
    elsewhere.answer = (request, response) => {
      seen.push(request.headers.authorization);
      json(keySetText(KEY))(request, response);
    };
    const home = await startKeyServer(CERTIFICATE);
    const document = { issuer: home.origin, jwks_uri: `${elsewhere.origin}/keys` };
    home.answer = (request, response) => {
      seen.push(request.headers.authorization);
      json(JSON.stringify(document))(request, response);
    };
    const directory = writeFiles({ 'ca.pem': CERTIFICATE.cert, token: 'own-token\n' });
    const keySet = keySetAt('', {
      place: { from: 'discovery', jwksUrl: null },
      caFile: join(directory, 'ca.pem'),
      bearerTokenFile: join(directory, 'token'),
    });
    const { status } = await openVerifier([issuerWithKeySet(keySet, { issuer: home.origin })]);
    expect(status().state).toBe('fresh');
    expect(seen).toEqual(['Bearer own-token', undefined]);
  });
});

describe('service account tokens of Kubernetes, by the configuration that is shipped as an example', () => {
  const OWN_TOKEN = 'own-service-account-token';
  const CLUSTER = rsaKey('pO5zLh1cJ3sVb9');
  const example = new URL('../../config/gateway.kubernetes.example.yaml', import.meta.url).pathname;

  /** Answers as an API server does: its documents are for service accounts, by their tokens. */
  async function startApiServer() {
    const server = await startKeyServer(CERTIFICATE);
    const answers = byPath({
      // By default the key set's address is the server's bare IP.
      [WELL_KNOWN]: json(
        JSON.stringify({
          issuer: server.origin,
          jwks_uri: 'https://10.0.0.1:6443/openid/v1/jwks',
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        }),
      ),
      '/openid/v1/jwks': json(keySetText(CLUSTER)),
    });
    server.answer = (request, response) => {
      if (request.headers.authorization === `Bearer ${OWN_TOKEN}`) answers(request, response);
      else {
        response.writeHead(401, { 'content-type': 'application/json' });
        response.end('{"kind":"Status","apiVersion":"v1","status":"Failure","code":401}');
      }
    };
    return server;
  }

  async function startWithExample(ownToken = OWN_TOKEN) {
    const server = await startApiServer();
    const directory = writeFiles({ 'ca.crt': CERTIFICATE.cert, token: ownToken });
    const [setting] = readSettings(example).identity.issuers;
    if (setting?.keySet?.from !== 'discovery') throw new Error('the example discovers keys');
    const here = {
      ...setting,
      issuer: server.origin,
      keySet: {
        ...setting.keySet,
        jwksUrl: `${server.origin}/openid/v1/jwks`,
        caFile: join(directory, 'ca.crt'),
        bearerTokenFile: join(directory, 'token'),
      },
    };
    const issuer = readIssuer(here, 'issuer', new Source(example, {}));
    const opened = await openVerifier([issuer]);
    return { ...opened, origin: server.origin, directory };
  }

  /** As the TokenRequest API makes them. */
  function podClaims(iss: string, now: Date, changes: object = {}): object {
    const seconds = Math.floor(now.getTime() / 1000);
    return {
      aud: ['slimgate'],
      exp: seconds + 3607,
      iat: seconds,
      iss,
      jti: 'c0a1a9a0-5b7e-4b1c-8f0e-3f2f7f7d2f0a',
      'kubernetes.io': {
        namespace: 'media',
        node: { name: 'node-1', uid: '1a' },
        pod: { name: 'photos-7d9c', uid: '2b' },
        serviceaccount: { name: 'photos', uid: '3c' },
      },
      nbf: seconds,
      sub: 'system:serviceaccount:media:photos',
      ...changes,
    };
  }

  test('a pod’s token proves the tenant of its service account', async () => {
    const { verifier, now, origin } = await startWithExample();
    const token = signedBy(CLUSTER, podClaims(origin, now()));
    expect(await verifier.verify(token, now())).toMatchObject({
      name: 'photos',
      subject: 'system:serviceaccount:media:photos',
    });
  });

  const refused: readonly (readonly [string, object, string])[] = [
    ['for the API server', { aud: ['https://kubernetes.default.svc'] }, 'token-audience'],
    ['of another service account', { sub: 'system:serviceaccount:media:default' }, 'token-claims'],
    ['of another namespace', { sub: 'system:serviceaccount:web:photos' }, 'token-claims'],
    ['that names a tenant itself', { sub: 'photos' }, 'token-claims'],
    ['named like a prototype', { sub: '__proto__' }, 'token-claims'],
    ['of the old kind, without an end', { exp: undefined }, 'token-claims'],
    ['that is older than its cluster makes them', { iat: 1_700_000_000 }, 'token-expired'],
  ];
  test.for(refused)('a token %s is refused', async ([, changes, code]) => {
    const { verdict, now, origin } = await startWithExample();
    expect(await verdict(signedBy(CLUSTER, podClaims(origin, now(), changes)))).toBe(code);
  });

  test('the gateway’s own token is read for each fetch, because Kubernetes replaces it', async () => {
    const { verdict, status, turnClock, now, origin, directory } = await startWithExample('old');
    expect(status()).toMatchObject({ problem: 'the answer has the status 401' });
    writeFileSync(join(directory, 'token'), OWN_TOKEN);
    turnClock(10);
    expect(await verdict(signedBy(CLUSTER, podClaims(origin, now())))).toBe('photos');
  });
});
