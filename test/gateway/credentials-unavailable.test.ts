import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { SECRET_KEY, startGateway } from '../support/gateway.ts';

const PUT = { body: { modes: ['API'] } };
const ended = () => `expires: ${new Date(Date.now() - 1_000).toISOString()}`;

test('without usable keys nothing is sent: a 503 that is recorded, and a line in the log', async () => {
  const gateway = await startGateway({ mediaKeys: ended() });
  const answer = await gateway.call('PUT', PUT);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(await answer.json()).toMatchObject({ code: 'credentials-unavailable' });
  expect(gateway.simulator.received()).toEqual([]);
  await gateway.close();
  expect(gateway.records().filter(({ kind }) => kind === 'closing')).toEqual([
    expect.objectContaining({
      kind: 'closing',
      outcome: 'refused',
      code: 'credentials-unavailable',
    }),
  ]);
  expect(gateway.logged()).toMatch(/"subAccount":"media"[^\n]*a sub-account has no usable keys/);
});

test('readiness names who has no keys, and stays while somebody has some', async () => {
  const gateway = await startGateway({ mediaKeys: ended() });
  const ready = await fetch(`${gateway.adminUrl}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    subAccounts: [
      { name: 'media', isUsable: false, problem: null },
      { name: 'reader', isUsable: true, problem: null },
    ],
  });
  expect((await gateway.call('GET', { tenant: 'intern' })).status).toBe(200);

  const { directory } = gateway;
  const keys = `secretId: AKIDreader\nsecretKey: ${SECRET_KEY}\n${ended()}\n`;
  writeFileSync(join(directory, 'reader.yaml'), keys);
  await vi.waitFor(
    async () => expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(503),
    { timeout: 10_000, interval: 100 },
  );
});

test('a key that the upstream refuses is looked for again at once', async () => {
  const gateway = await startGateway();
  const { directory, services } = gateway;
  const media = services.subAccounts.find('media');
  const refused = vi.spyOn(services.subAccounts, 'refused');
  writeFileSync(join(directory, 'media.yaml'), 'secretId: AKIDnobody\nsecretKey: x\n');
  await vi.waitFor(async () => expect((await gateway.call('GET')).status).toBe(502), {
    timeout: 10_000,
    interval: 100,
  });
  expect(refused).toHaveBeenCalledWith(media, 'AKIDnobody');
  rmSync(join(directory, 'media.yaml'));
});

test('keys are only given for a sub-account that was configured here', async () => {
  const gateway = await startGateway();
  const { subAccounts } = gateway.services;
  const media = subAccounts.find('media');
  const reader = subAccounts.find('reader');
  if (media === null || reader === null) throw new Error('both are configured');
  expect(subAccounts.credentialsOf(media).secretId).toBe('AKIDmedia');
  expect(subAccounts.credentialsOf(reader).secretId).toBe('AKIDreader');
  expect(() => subAccounts.credentialsOf({ ...media })).toThrow(/no such sub-account/);
  const facts = { name: 'media', uin: '1', ownerUin: '2', appId: '3' };
  // @ts-expect-error Facts alone are no sub-account.
  expect(() => subAccounts.credentialsOf(facts)).toThrow(RangeError);
});
