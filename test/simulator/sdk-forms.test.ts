import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { errorCode, send, startLocalCloud } from '../support/local-cloud.ts';
import { type Signing, signed } from '../support/official-signature.ts';

const NAME = 'examplebucket-1250000000';
const TOKEN = 'Example/Token+With=Chars==';
const temporary = { secretId: 'AKIDtemporary', secretKey: 'temporary-key' };

/** The example bucket, and a sub-account that holds temporary keys beside permanent ones. */
const CLOUD = `
accounts:
  - appId: 1250000000
    uin: 100000000001
    subAccounts:
      - name: media
        uin: 100000000011
        keys:
          - { secretId: AKIDlocalmedia00000000000000000000001, secretKey: local-cloud-media-secret-key-0001 }
          - { secretId: ${temporary.secretId}, secretKey: ${temporary.secretKey}, token: "${TOKEN}" }
        policies: [{ version: "2.0", statement: { effect: allow, action: "ci:*", resource: "*" } }]
buckets: [{ name: ${NAME}, region: ap-shanghai, bound: true }]
`;

const md5 = (text: string) => createHash('md5').update(text).digest('base64');
const slim = (inner: string) => `<ImageSlim>${inner}</ImageSlim>`;
const mode = (value: string) => `<SlimMode>${value}</SlimMode>`;
const suffixes = (...values: string[]) =>
  `<Suffixs>${values.map((value) => `<Suffix>${value}</Suffix>`).join('')}</Suffixs>`;

interface Form {
  readonly name: string;
  readonly signing?: Signing;
  /** Sent, but not signed. */
  readonly unsigned?: Record<string, string>;
  readonly body?: string;
  /** A status, or the code of the refusal. */
  readonly answer: number | string;
  readonly isRefusedWhenStrict?: boolean;
}

/** What the official SDKs and known clients send, form by form. */
const put = (
  body: string,
  headers: Record<string, string> = {},
): Pick<Form, 'body' | 'signing'> => ({
  body,
  signing: {
    method: 'PUT',
    headers: {
      'Content-Type': 'application/xml',
      'Content-Length': String(Buffer.byteLength(body)),
      ...headers,
    },
  },
});
const withMd5 = (body: string) => put(body, { 'Content-MD5': md5(body) });
const AUTO_API = slim(mode('Auto,API') + suffixes('png'));
const API_WITH_SUFFIXES = `<?xml version="1.0" encoding="UTF-8"?>\n${slim(mode('API') + suffixes('jpg', 'png'))}`;

const FORMS: readonly Form[] = [
  { name: 'Go, PutImageSlim: with Content-MD5, no declaration', ...withMd5(AUTO_API), answer: 200 },
  { name: 'Go, GetImageSlim', signing: {}, answer: 200 },
  { name: 'Go, DeleteImageSlim', signing: { method: 'DELETE' }, answer: 204 },
  {
    name: 'Go, a mode that it does not look at: api',
    ...withMd5(slim(mode('api'))),
    answer: 'InvalidArgument',
  },
  { name: 'Go, Auto without suffixes', ...withMd5(slim(mode('Auto'))), answer: 'InvalidArgument' },
  {
    name: 'Go, its example’s `.ci.` host, which no documentation names',
    signing: { headers: { Host: `${NAME}.ci.ap-shanghai.myqcloud.com` } },
    answer: 'InvalidURI',
  },
  {
    name: 'PHP, openImageSlim: no Content-MD5, suffixes beside API alone',
    ...put(API_WITH_SUFFIXES),
    answer: 200,
    isRefusedWhenStrict: true,
  },
  {
    name: 'PHP, temporary keys: both token headers, neither signed',
    signing: { key: temporary },
    unsigned: { 'x-cos-security-token': TOKEN, 'x-ci-security-token': TOKEN },
    answer: 200,
    isRefusedWhenStrict: true,
  },
  {
    name: 'PHP, an acceleration host, which it refuses itself',
    signing: { headers: { Host: `${NAME}.pic.accelerate.myqcloud.com` } },
    answer: 'RegionUnsupport',
  },
  {
    name: 'Python and Go, temporary keys: one token header, signed',
    signing: { key: temporary, headers: { 'x-cos-security-token': TOKEN } },
    answer: 200,
  },
  {
    name: 'Node, the demos of its sibling settings: the sub-resource is not signed',
    signing: { params: {} },
    answer: 200,
    isRefusedWhenStrict: true,
  },
  {
    name: 'a WordPress plugin: an empty suffix beside API alone',
    ...put(slim(mode('API') + suffixes(''))),
    answer: 200,
    isRefusedWhenStrict: true,
  },
  {
    name: 'the page’s skeleton with its slip, </SimMode>',
    ...withMd5(slim('<SlimMode>API</SimMode>')),
    answer: 'MalformedXML',
  },
  {
    name: 'the body of before 2023, Status alone',
    ...withMd5(slim('<Status>on</Status>')),
    answer: 'MalformedXML',
  },
];

async function answerOf(url: string, form: Form): Promise<number | string> {
  const { signing = {}, unsigned = {}, body } = form;
  const answer = await send(url, {
    method: signing.method ?? 'GET',
    headers: { ...signed(signing), ...unsigned },
    ...(body !== undefined && { body }),
  });
  return errorCode(answer.body) ?? answer.status;
}

test.for(FORMS)('$name', async (form) => {
  const cloud = parseLocalCloud(CLOUD);
  const usual = await startLocalCloud({ cloud });
  expect(await answerOf(usual.url, form)).toBe(form.answer);
  const strict = await startLocalCloud({ cloud, strict: true });
  const expected = form.isRefusedWhenStrict ? 'InvalidRequest' : form.answer;
  expect(await answerOf(strict.url, form)).toBe(expected);
});

test('suffixes beside API alone have no effect', async () => {
  const simulator = await startLocalCloud({ cloud: parseLocalCloud(CLOUD) });
  await answerOf(simulator.url, { name: '', ...put(API_WITH_SUFFIXES), answer: 200 });
  expect(simulator.stateOf(NAME, 'ap-shanghai')).toEqual({
    status: 'on',
    mode: 'API',
    suffixes: [],
  });
});
