import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { rotateKeys } from '../support/key-rotation.ts';
import { issuerWithKeySet, json, keySetAt, startKeyServer } from '../support/key-server.ts';

const NOWHERE = { host: '127.0.0.1', port: 1 };

test('T05: while keys rotate under load no verdict is wrong', async () => {
  const server = await startKeyServer();
  server.answer = json('{"keys":[]}');
  const keySet = keySetAt(server.origin, { refreshSeconds: 0.2, cooldownSeconds: 0.1 });
  const gateway = await startGateway({
    issuers: [issuerWithKeySet(keySet)],
    connect: NOWHERE,
    limits: 'requestsPerSecondPerTenant: 10000',
  });
  const report = await rotateKeys({
    gateway,
    server,
    requestsPerSecond: 200,
    rotations: 5,
    rotateMs: 400,
  });
  expect(report).toMatchObject({ wrong: [] });
  expect(report.requests).toBeGreaterThanOrEqual(150);
  expect(report.taken).toBeGreaterThan(10);
  expect(report.refused).toBeGreaterThan(10);
}, 60_000);

test('T05: how it stands with the keys is shown to operators, and readiness follows', async () => {
  const server = await startKeyServer();
  const keySet = keySetAt(server.origin, { cooldownSeconds: 0.05 });
  const gateway = await startGateway({ issuers: [issuerWithKeySet(keySet)], connect: NOWHERE });
  const ready = async () => {
    const answer = await fetch(`${gateway.adminUrl}/readyz`);
    return { status: answer.status, body: await answer.json() };
  };
  expect(await ready()).toMatchObject({
    status: 503,
    body: {
      status: 'not ready',
      issuers: [{ state: 'unavailable', problem: 'the answer has the status 404' }],
    },
  });
  server.answer = json('{"keys":[]}');
  await expect.poll(ready).toMatchObject({
    status: 200,
    body: { issuers: [{ issuer: 'https://issuer.test', state: 'fresh', kids: [], problem: null }] },
  });
  expect(gateway.logged()).toMatch(/the keys of an issuer have changed/);
});
