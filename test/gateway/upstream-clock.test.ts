import { expect, test } from 'vitest';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { answerText, normalAnswer, startRawUpstream } from '../support/raw-upstream.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const MINUTE = 60_000;

/** A gateway whose clock is wrong by so many minutes, with an upstream that verifies the time. */
const startSkewed = (minutes: number) =>
  startGateway({
    now: () => new Date(Date.now() + minutes * MINUTE),
    cloudNow: () => new Date(),
  });

async function closings(gateway: RunningGateway) {
  await gateway.close();
  return gateway.records().filter(({ kind }) => kind === 'closing');
}

test.each([20, -20])(
  'a clock that is wrong by %i minutes costs a few calls one more attempt, then none',
  async (minutes) => {
    const gateway = await startSkewed(minutes);
    for (let i = 0; i < 6; i += 1) {
      expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
    }
    const readyz = await fetch(`${gateway.adminUrl}/readyz`);
    const { upstream } = (await readyz.json()) as { upstream: { clocks: object[] } };
    expect(readyz.status).toBe(200);
    expect(upstream.clocks).toMatchObject([{ isSkewed: true }]);

    const records = await closings(gateway);
    expect(records.map(({ attempts }) => attempts)).toEqual([2, 2, 2, 1, 1, 1]);
    expect(records.every(({ outcome }) => outcome === 'applied')).toBe(true);
    const warnings = gateway.logged().match(/upstream’s clock compared with ours/g);
    expect(warnings?.length).toBeLessThanOrEqual(2);
    expect(gateway.simulator.received().at(-1)).toMatchObject({ isSignatureAccepted: true });
  },
);

const skewed = (date: string) =>
  answerText('403 Forbidden', '<Error><Code>RequestTimeTooSkewed</Code></Error>', [
    `Date: ${date}`,
  ]);

test('a time that does not help costs one more attempt each, and no other call anything', async () => {
  const upstream = await startRawUpstream((socket, { method, host }) => {
    if (host.startsWith('liar'))
      socket.write(skewed(new Date(Date.now() + MINUTE * 60).toUTCString()));
    else socket.write(normalAnswer(method));
  });
  const gateway = await startGateway({ connect: upstream });
  for (let i = 0; i < 4; i += 1) {
    const answer = await gateway.call('PUT', { body: AUTO, bucket: 'liar-1250000000' });
    expect(await answer.json()).toMatchObject({ status: 503, code: 'clock-skew' });
  }
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
  const records = await closings(gateway);
  expect(records.map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
    ...Array(4).fill(['not_applied', 2]),
    ['applied', 1],
  ]);
  const windows = upstream.requests.map(({ text }) => Number(/q-sign-time=(\d+)/.exec(text)?.[1]));
  const [first = 0, second = 0] = windows;
  expect(second - first).toBeGreaterThan(3000);
  expect((windows.at(-1) ?? 0) - first, 'the lie is not believed').toBeLessThan(300);
});

test.each(['', 'yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
  'a refusal for the time with the date `%s` is not repeated',
  async (date) => {
    const upstream = await startRawUpstream((socket) => void socket.write(skewed(date)));
    const gateway = await startGateway({ connect: upstream });
    expect((await gateway.call('DELETE')).status).toBe(503);
    expect(upstream.requests).toHaveLength(1);
    expect(await closings(gateway)).toMatchObject([{ outcome: 'not_applied', attempts: 1 }]);
  },
);
