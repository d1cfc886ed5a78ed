import http from 'node:http';
import { expect, test } from 'vitest';
import { listenOn } from '../support/listen-on.ts';
import { OPERATOR, startKeeping } from '../support/sub-accounts.ts';

type Answer = (response: http.ServerResponse) => void;

const CANARY = 'canary-key';
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

const json =
  (value: unknown): Answer =>
  (response) =>
    void response.end(typeof value === 'string' ? value : JSON.stringify(value));

function issued(change: object = {}, key: object = {}): Answer {
  const Credentials = { TmpSecretId: 'AKID', TmpSecretKey: CANARY, Token: 'token', ...key };
  return json({ Response: { Credentials, ExpiredTime: inAnHour(), RequestId: 'x', ...change } });
}

const HOSTILE: readonly { name: string; answer: Answer; says: RegExp }[] = [
  { name: 'a redirect', answer: (r) => r.writeHead(302, { location: '/x' }).end(), says: /302$/ },
  { name: 'an error status', answer: (r) => r.writeHead(500).end(CANARY), says: /status 500$/ },
  { name: 'no JSON', answer: json(`<${CANARY}>`), says: /not well-formed JSON$/ },
  { name: 'a member twice', answer: json('{"Response":1,"Response":2}'), says: /repeated$/ },
  { name: 'something else', answer: json({ [CANARY]: 1 }), says: /not understood: Response$/ },
  { name: 'no end', answer: issued({ ExpiredTime: null }), says: /not understood/ },
  { name: 'an end in the past', answer: issued({ ExpiredTime: 1 }), says: /ended at 1970/ },
  {
    name: 'an id that forges a field',
    answer: issued({}, { TmpSecretId: 'a&q-x=1' }),
    says: /not/,
  },
  { name: 'a token that forges a line', answer: issued({}, { Token: 'a\r\nb: c' }), says: /not/ },
  { name: 'an empty key', answer: issued({}, { TmpSecretKey: '' }), says: /not understood/ },
  {
    name: 'an error that is none of the known',
    answer: json({ Response: { Error: { Code: `${CANARY} !` } } }),
    says: /^STS refuses with an unknown code$/,
  },
  {
    name: 'no end of the body',
    answer: (response) => {
      response.write(' '.repeat(1024));
      const more = setInterval(() => response.write(' '.repeat(60_000)), 1);
      response.on('close', () => clearInterval(more));
    },
    says: /too large/,
  },
  { name: 'nothing, for ever', answer: () => undefined, says: /not in time$/ },
  {
    name: 'a body that never comes',
    answer: (r) => void r.writeHead(200).write('{'),
    says: /not in time$/,
  },
  { name: 'a cut', answer: (r) => void r.socket?.destroy(), says: /ECONNRESET$/ },
  {
    name: 'a cut in the middle',
    answer: (r) => void r.write('{', () => r.socket?.destroy()),
    says: /gave no answer/,
  },
];

test.for(HOSTILE)(
  'STS answers with $name: no keys, one line, nothing of it told',
  async ({ answer, says }) => {
    const connect = await listenOn(http.createServer((_, response) => answer(response)));
    const timeoutMs = says.source.includes('time') ? 300 : 10_000;
    const { status, keys } = await startKeeping(OPERATOR, { connect, timeoutMs });
    expect(status()).toMatchObject({ isUsable: false, problem: expect.stringMatching(says) });
    expect(status()?.problem).not.toContain(CANARY);
    expect(keys).toThrow(/^credentials-unavailable/);
  },
);

test('a good answer of the same server is taken, so that those above are refused for their fault', async () => {
  const connect = await listenOn(http.createServer((_, response) => issued()(response)));
  const { keys } = await startKeeping(OPERATOR, { connect });
  expect(keys().secretKey.reveal()).toBe(CANARY);
});

test('metadata without a key for the role is told, and whatever else it says is not', async () => {
  const answers: [unknown, RegExp][] = [
    [{ Code: 'NoRole' }, /has no key for the role `machine`$/],
    [{ Code: 'Success' }, /^the answer of the instance metadata is not understood/],
  ];
  for (const [document, says] of answers) {
    const connect = await listenOn(http.createServer((_, response) => json(document)(response)));
    const { status } = await startKeeping({ from: 'metadata', role: 'machine' }, { connect });
    expect(status()?.problem).toMatch(says);
  }
});
