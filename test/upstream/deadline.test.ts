import { expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { createSigner } from '../../src/signing/sign-request.ts';
import { slimDocument } from '../../src/slim/json-to-xml.ts';
import { canonicalConfiguration } from '../../src/slim/slim-configuration.ts';
import { Deadline } from '../../src/upstream/deadline.ts';
import { createTransport } from '../../src/upstream/keep-alive-transport.ts';
import { createOutages } from '../../src/upstream/outages.ts';
import type { Transport } from '../../src/upstream/transport.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { createUpstreamClock } from '../../src/upstream/upstream-clock.ts';
import { createUpstreamRequest } from '../../src/upstream/upstream-request.ts';
import { answerText, startRawUpstream } from '../support/raw-upstream.ts';

const HOST = 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com';
const now = () => new Date();
const change = createSigner({ keyTimeSeconds: 900 })(
  createUpstreamRequest('PUT', HOST, slimDocument(canonicalConfiguration(['API'], []))),
  { secretId: 'AKIDmedia', secretKey: new Secret('canary'), securityToken: null },
  now(),
);

const upstreamOver = (transport: Transport) =>
  createUpstream({
    transport,
    outages: createOutages({ failures: 100, pauseMs: 1000, now, onChange: () => {} }),
    clock: createUpstreamClock({ now, onChange: () => {} }),
    timeoutMs: 60_000,
  });

test('a call ends at its deadline as one of unknown outcome, whatever holds it up', async () => {
  const never = new Promise<never>(() => {});
  const answer = await upstreamOver({ exchange: () => never, close: () => {} }).call(change, 30);
  expect(answer).toMatchObject({ outcome: 'unknown', mayStillArrive: true });
  expect(answer.error?.code).toBe('upstream-timeout');
});

test('a second attempt has the rest of the first one’s time: it begins no other', async () => {
  // Where nothing listens a connection is refused, and tried again after a pause.
  const [nowhere, slow] = [await startRawUpstream(() => {}), await startRawUpstream(() => {})];
  nowhere.stopListening();
  const transports = [nowhere, slow].map(({ host, port }) =>
    createTransport({
      connect: { protocol: 'http:', host, port },
      maxSockets: 1,
      idleSocketMs: 1000,
    }),
  );
  const given: Deadline[] = [];
  const upstream = upstreamOver({
    exchange: (request, deadline) =>
      (transports[given.push(deadline) - 1] as Transport).exchange(request, deadline),
    close: () => {},
  });
  const answer = await upstream.call(change, 300);
  expect(answer).toMatchObject({ attempts: 2, outcome: 'unknown' });
  expect(new Set(given).size).toBe(1);
  for (const transport of transports) transport.close();
});

test('nothing is sent when the deadline is over before there is a connection to send it on', async () => {
  const upstream = await startRawUpstream((socket) => void socket.write(answerText('200 OK')));
  const transport = createTransport({
    connect: { protocol: 'http:', ...upstream },
    maxSockets: 1,
    idleSocketMs: 1000,
  });
  const answer = await upstreamOver(transport).call(change, -1);
  expect(answer).toMatchObject({ outcome: 'not_applied', mayStillArrive: false });
  expect(answer.error?.code).toBe('upstream-timeout');
  expect(upstream.connectionCount()).toBe(0);
  transport.close();
});

test('what waits for a connection until its deadline is known not to have been sent', async () => {
  const silent = await startRawUpstream(() => {});
  const transport = createTransport({
    connect: { protocol: 'http:', ...silent },
    maxSockets: 1,
    idleSocketMs: 1000,
  });
  const upstream = upstreamOver(transport);
  const sent = upstream.call(change, 300);
  await expect.poll(() => silent.connectionCount()).toBe(1);
  const waiting = await upstream.call(change, 30);
  expect(waiting).toMatchObject({ outcome: 'not_applied', mayStillArrive: false });
  expect(await sent).toMatchObject({ outcome: 'unknown', mayStillArrive: true });
  transport.close();
});

test('what is to be done at the end is done once, however late it is asked for', async () => {
  const deadline = new Deadline(1);
  const [done, forgotten]: [string[], string[]] = [[], []];
  deadline.onEnd(() => done.push('before'));
  deadline.onEnd(() => forgotten.push('before'))();
  await deadline.pause(60_000);
  deadline.onEnd(() => done.push('after'));
  deadline.onEnd(() => forgotten.push('after'))();
  await deadline.pause(60_000);
  expect([done, forgotten, deadline.isOver]).toEqual([['before', 'after'], [], true]);
});
