import { expect, test } from 'vitest';
import { BUCKET, REGION, startGateway, TABLE } from '../support/gateway.ts';
import { converse, requestText } from '../support/raw-client.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;
const LIMITED = TABLE.replace(
  'photos: { subAccount: media }',
  'photos: { subAccount: media, limits: { requestsPerSecond: 5 } }',
);

test('T23, T66: beside 200 slow sockets and a tenant at many times its rate, another gets every answer', async () => {
  const gateway = await startGateway({
    connect: await startRawUpstream(replyNormally),
    table: LIMITED,
    limits: 'headersTimeoutMs: 1000\nbodyTimeoutMs: 1000',
  });
  const { port } = gateway.served.gateway;
  const head = [`PUT ${PATH} HTTP/1.1`, 'Host: a', 'Content-Type: application/json'];
  const bearer = `Authorization: Bearer ${gateway.token('intern')}`;
  const slow = await Promise.all(Array.from({ length: 200 }, () => converse(port)));
  for (const [index, client] of slow.entries()) {
    const text = requestText([...head, bearer, 'Content-Length: 9'], '{');
    client.send(index % 4 === 0 ? text : text.slice(0, 5 + (index % 60)));
  }
  const flood = Array.from({ length: 200 }, () => gateway.call('GET'));
  for (let i = 0; i < 20; i += 1) {
    expect((await gateway.call('GET', { tenant: 'reports' })).status).toBe(200);
  }
  const flooded = (await Promise.all(flood)).map(({ status }) => status);
  const [served, refused] = [200, 429].map((code) => flooded.filter((one) => one === code).length);
  expect((served ?? 0) + (refused ?? 0)).toBe(200);
  expect(refused).toBeGreaterThan(100);

  // Each is told that it was too slow, and what they all held is given back.
  const ends = await Promise.all(slow.map((client) => client.answersUntilClosed()));
  expect(ends.map((answers) => answers.map(({ status }) => status))).toEqual(
    ends.map((_, index) => [index % 4 === 0 ? expect.toBeOneOf([408, 429]) : 408]),
  );
  await gateway.close();
  expect(gateway.services.tenantGate.size).toBeLessThanOrEqual(3);
});
