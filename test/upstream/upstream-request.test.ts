import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { createSigner, type SignedRequest } from '../../src/signing/sign-request.ts';
import { slimDocument } from '../../src/slim/json-to-xml.ts';
import { canonicalConfiguration, SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import {
  createUpstreamRequest,
  rememberUpstreamRequests,
} from '../../src/upstream/upstream-request.ts';

const HOST = 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com';
const document = slimDocument(canonicalConfiguration(['API'], []));

test('a request with a document has exactly these headers, and their values are the bytes’', () => {
  const request = createUpstreamRequest('PUT', HOST, document);
  expect(request.headers).toEqual({
    host: HOST,
    'content-type': 'application/xml',
    'content-length': '47',
    'content-md5': 'Fpcur1FJi7E94jtmrPk0uQ==',
  });
  expect(request.body).toBe(document.bytes);
});

test.each(['GET', 'DELETE'] as const)('%s has a host and nothing else', (method) => {
  const request = createUpstreamRequest(method, HOST, null);
  expect(request.headers).toEqual({ host: HOST });
  expect(request.body).toBeNull();
});

test('the target is the documented one: a parameter without a value has no equals sign', () => {
  expect(createUpstreamRequest('GET', HOST, null).target).toBe('/?image-slim');
});

test('equal requests are one object, different ones never, however many there were', () => {
  const requestFor = rememberUpstreamRequests();
  const documents = [null, ...SLIM_CONFIGURATIONS.map(slimDocument)];
  for (let index = 0; index < 400; index += 1) {
    const host = `bucket-${index % 390}-${HOST}`;
    for (const document of documents) {
      const method = document === null ? 'DELETE' : 'PUT';
      const request = requestFor(method, host, document);
      expect(request).toEqual(createUpstreamRequest(method, host, document));
      expect(requestFor(method, host, document)).toBe(request);
    }
  }
  expect(requestFor('GET', HOST, null)).not.toBe(requestFor('DELETE', HOST, null));
});

/** Every way in which a value turns into text by accident. */
const PRINTERS: Readonly<Record<string, (signed: SignedRequest) => string>> = {
  JSON: (signed) => JSON.stringify(signed),
  'a template': (signed) =>
    `${signed.headers.authorization}${signed.headers['x-cos-security-token']}`,
  'a sum': (signed) => `${signed.headers.authorization as unknown as string}`.concat(''),
  inspection: (signed) => inspect(signed, { depth: null, showHidden: true, getters: true }),
  'a table of headers': (signed) => Object.entries(signed.headers).join('\n'),
  'an error’s cause': (signed) => inspect(new Error('failed', { cause: signed })),
  'form data': (signed) => new URLSearchParams(signed.headers as Record<string, string>).toString(),
  'a header list': (signed) => [...new Headers(signed.headers as Record<string, string>)].join(),
};

test.each(Object.entries(PRINTERS))(
  'a signed request shows no key, token or signature as %s',
  (_, print) => {
    const credentials = {
      secretId: 'AKIDexample',
      secretKey: new Secret('canary-key'),
      securityToken: new Secret('canary-token'),
    };
    const sign = createSigner({ keyTimeSeconds: 300 });
    const signed = sign(createUpstreamRequest('PUT', HOST, document), credentials, new Date());
    const authorization = (signed.headers.authorization as Secret).reveal();
    const signature = /q-signature=([0-9a-f]{40})$/.exec(authorization)?.[1] ?? '';
    expect(signature).toHaveLength(40);
    const text = print(signed);
    for (const secret of ['canary-key', 'canary-token', signature, 'q-ak=AKIDexample']) {
      expect(text).not.toContain(secret);
    }
  },
);
