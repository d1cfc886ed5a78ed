import { expect, test } from 'vitest';
import { KINDS } from '../../../src/simulator/misbehaviour/kinds.ts';
import type { SlimSetting } from '../../../src/simulator/slim-setting.ts';
import { errorCode, SLIM_API, startLocalCloud } from '../../support/local-cloud.ts';
import { signed } from '../../support/official-signature.ts';
import { type Exchange, exchange } from '../../support/raw-exchange.ts';

const BUCKET = ['examplebucket-1250000000', 'ap-shanghai'] as const;
const API: SlimSetting = { status: 'on', mode: 'API', suffixes: [] };
const STATE = '<ImageSlim><Status>off</Status></ImageSlim>';

type Method = 'GET' | 'PUT' | 'DELETE';

interface Case {
  readonly order: string;
  /** GET when left out. */
  readonly method?: Method;
  /** Of the raw text, head and body. */
  readonly sees?: RegExp;
  readonly end?: Exchange['end'];
  /** Reading stops here, where the connection stays open. */
  readonly until?: RegExp;
  readonly error?: string;
}

/** Orders whose request does reach the cloud. */
const APPLIED: readonly Case[] = [
  { order: 'delay;delayMs=30', sees: /^HTTP\/1\.1 200 OK\r\n/, until: /ImageSlim>$/ },
  { order: 'delay;delayMs=30', method: 'PUT', sees: /^HTTP\/1\.1 200 OK/, until: /\r\n\r\n$/ },
  { order: 'drip;dripBytesPerSecond=9000', sees: /^HTTP[\s\S]*<\/ImageSlim>$/, end: 'closed' },
  {
    order: 'drip;dripBytesPerSecond=9000',
    method: 'PUT',
    sees: /^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\n$/,
    end: 'closed',
  },
  { order: 'reset-after-headers', sees: /\r\nContent-Length: \d+\r\n[^<]*$/, end: 'reset' },
  {
    order: 'reset-after-headers',
    method: 'PUT',
    sees: /\r\nContent-Length: 100\r\n[\s\S]*\r\n\r\n$/,
    end: 'reset',
  },
  { order: 'reset-in-body', sees: /\r\n\r\n<\?xml [\s\S]*[^>]$/, end: 'reset' },
  { order: 'truncated-body', sees: /\r\n\r\n<\?xml [\s\S]*[^>]$/, end: 'closed' },
  { order: 'truncated-body', method: 'PUT', sees: /Content-Length: 100\r\n/, end: 'closed' },
  { order: 'lost-answer', sees: /^$/, end: 'reset' },
  { order: 'lost-answer', method: 'PUT', sees: /^$/, end: 'reset' },
  { order: 'lost-answer', method: 'DELETE', sees: /^$/, end: 'reset' },
  {
    order: 'informational;status=102;count=3',
    sees: /^(?:HTTP\/1\.1 102 Wait\r\n\r\n){3}HTTP\/1\.1 200 OK/,
    until: /ImageSlim>$/,
  },
  { order: 'informational', sees: /^HTTP\/1\.1 103 /, until: /ImageSlim>$/ },
  { order: 'xml-not-well-formed', sees: /<SlimMode>API<\/SimMode>/, until: /ImageSlim>$/ },
  {
    order: 'xml-not-well-formed',
    method: 'DELETE',
    sees: /^HTTP\/1\.1 200 OK\r\n/,
    until: /ImageSlim>$/,
  },
  {
    order: 'xml-doctype',
    sees: /<!DOCTYPE ImageSlim \[<!ENTITY e0 "slim">.*SYSTEM "file:/,
    until: /ImageSlim>$/,
  },
  { order: 'xml-deep;levels=70', sees: /\r\n\r\n(?:<a>){70}(?:<\/a>){70}$/, until: /<\/a>$/ },
  {
    order: 'endless-body',
    sees: /\r\nTransfer-Encoding: chunked\r\n[\s\S]*\r\nb\r\n<ImageSlim>\r\n4000\r\n/,
    until: /^[\s\S]{200000}/,
  },
];

/** Orders whose request the cloud never looks at. */
const NOT_APPLIED: readonly Case[] = [
  { order: 'reset-before-answer', sees: /^$/, end: 'reset' },
  {
    order: 'server-error;status=503',
    sees: /^HTTP\/1\.1 503 [\s\S]*<Error>/,
    error: 'InternalError',
  },
  { order: 'server-error-page', sees: /^HTTP\/1\.1 502 [\s\S]*<html>/, error: 'InternalError' },
  {
    order: 'throttled;retryAfterSeconds=7',
    sees: /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 7\r\n[\s\S]*<Code>SlowDown</,
    error: 'SlowDown',
  },
  {
    order: 'error-with-200',
    sees: /^HTTP\/1\.1 200 OK[\s\S]*<Error><Code>InternalError</,
    error: 'InternalError',
  },
  {
    order: 'redirect;status=301;location=http://127.0.0.1:9/away',
    sees: /^HTTP\/1\.1 301 [\s\S]*\r\nLocation: http:\/\/127\.0\.0\.1:9\/away\r\n/,
  },
];

function requestFor(method: Method, order: string) {
  const body = method === 'PUT' ? { 'Content-Length': String(SLIM_API.length) } : {};
  const headers = { ...signed({ method, headers: body }), 'x-slimgate-misbehave': order };
  return { method, headers, body: method === 'PUT' ? SLIM_API : '' };
}

const isWholeAnswer = (text: string) => {
  const [, length, rest = ''] =
    /Content-Length: (\d+)\r\n[\s\S]*?\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
  return length !== undefined && rest.length >= Number(length);
};

const nameOf = ({ order, method = 'GET' }: Case) => `${method} with ${order}`;

test.for(APPLIED.map((row) => ({ ...row, name: nameOf(row) })))(
  'applied, and answered badly: $name',
  async ({ order, method = 'GET', sees, until, end = 'left open' }) => {
    const simulator = await startLocalCloud({ testMode: true });
    if (method === 'DELETE') await simulator.setState(...BUCKET, API);
    const isEnough = (text: string) => until?.test(text) ?? false;
    const seen = await exchange(simulator.port, requestFor(method, order), isEnough);
    expect(seen.text).toMatch(sees ?? /./);
    expect(seen.end).toBe(end);
    const status = method === 'PUT' ? 'on' : 'off';
    expect(simulator.stateOf(...BUCKET)?.status).toBe(status);
    const [kind = ''] = order.split(';');
    expect(simulator.received()).toMatchObject([
      { misbehaviour: kind, isSignatureAccepted: true, error: null },
    ]);
  },
);

test.for(
  NOT_APPLIED.flatMap((row) =>
    (['PUT', 'GET', 'DELETE'] as const).map((method) => ({
      ...row,
      method,
      name: nameOf({ ...row, method }),
    })),
  ),
)('not applied: $name', async ({ order, method, sees, end = 'left open', error = null }) => {
  const simulator = await startLocalCloud({ testMode: true });
  const before = method === 'DELETE' ? API : simulator.stateOf(...BUCKET);
  if (method === 'DELETE') await simulator.setState(...BUCKET, API);
  const seen = await exchange(simulator.port, requestFor(method, order), isWholeAnswer);
  expect(seen.text).toMatch(sees ?? /./);
  expect(seen.end).toBe(end);
  expect(simulator.stateOf(...BUCKET)).toEqual(before);
  const [kind = ''] = order.split(';');
  const operation = { PUT: 'PutImageSlim', GET: 'GetImageSlim', DELETE: 'DeleteImageSlim' }[method];
  expect(simulator.received()).toMatchObject([
    { misbehaviour: kind, error, operation, bucket: BUCKET[0], changedTo: null },
  ]);
});

test.for([
  { byBytes: 16, body: STATE },
  { byBytes: -5, body: STATE },
])('a Content-Length that is wrong by $byBytes stands over the whole body', async ({ byBytes }) => {
  const simulator = await startLocalCloud({ testMode: true });
  const order = `wrong-content-length;byBytes=${byBytes}`;
  const seen = await exchange(simulator.port, requestFor('GET', order), (text) =>
    text.endsWith('</ImageSlim>'),
  );
  const [, length, body = ''] =
    /Content-Length: (\d+)\r\n[\s\S]*\r\n\r\n([\s\S]*)$/.exec(seen.text) ?? [];
  expect(body).toContain(STATE);
  expect(Number(length)).toBe(body.length + byBytes);
  expect(seen.end).toBe('left open');
});

test.for([
  { clockSkewSeconds: 3600, code: 'AccessDenied' },
  { clockSkewSeconds: -3600, code: 'RequestTimeTooSkewed' },
])('a clock off by $clockSkewSeconds s shows in Date and in what is refused', async (given) => {
  const simulator = await startLocalCloud({ testMode: true });
  const order = `clock-skew;clockSkewSeconds=${given.clockSkewSeconds}`;
  const { text } = await exchange(simulator.port, requestFor('PUT', order), isWholeAnswer);
  expect(errorCode(text)).toBe(given.code);
  const date = Date.parse(/\r\nDate: (.*)\r\n/.exec(text)?.[1] ?? '');
  const ahead = (date - Date.now()) / 1000;
  expect(Math.abs(ahead - given.clockSkewSeconds)).toBeLessThan(60);
  const [entry] = simulator.received();
  expect(entry).toMatchObject({ misbehaviour: 'clock-skew', error: given.code, changedTo: null });
  expect(Math.abs(Date.parse(entry?.receivedAt ?? '') - Date.now())).toBeLessThan(60_000);
});

test('every kind is seen by a client in this file', () => {
  const seen = [...APPLIED, ...NOT_APPLIED].map(({ order }) => order.split(';')[0]);
  const others = ['wrong-content-length', 'clock-skew'];
  expect(new Set([...seen, ...others])).toEqual(new Set(KINDS.keys()));
});
