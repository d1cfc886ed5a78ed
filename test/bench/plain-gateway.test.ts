import { expect, onTestFinished, test } from 'vitest';
import { LoadGenerator } from '../../bench/load.ts';
import { SCENARIOS } from '../../bench/scenarios.ts';
import { startPlainGateway } from '../../bench/subjects/plain-gateway.ts';
import { BUCKETS, WORLD } from '../../bench/world.ts';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { startLocalCloud } from '../support/local-cloud.ts';

/** One request is sent: the first. */
const [FIRST_BUCKET = ''] = BUCKETS;

const CLOUD = `
accounts:
  - appId: '${WORLD.appId}'
    uin: '${WORLD.ownerUin}'
    subAccounts:
      - name: media
        uin: '${WORLD.subAccountUin}'
        keys: [{ secretId: ${WORLD.secretId}, secretKey: ${WORLD.secretKey} }]
        policies:
          - version: '2.0'
            statement: { effect: allow, action: 'ci:*', resource: '*' }
buckets:
  - { name: ${FIRST_BUCKET}, region: ${WORLD.region}, bound: true }
`;

test('the plain gateway that ours is compared with does the job: a strict upstream takes its requests', async () => {
  const cloud = await startLocalCloud({ cloud: parseLocalCloud(CLOUD), strict: true });
  const { port, close } = await startPlainGateway(cloud.port);
  onTestFinished(close);
  const generator = new LoadGenerator();
  onTestFinished(() => generator.close());
  const requests = SCENARIOS.find(({ name }) => name === 'plain-gateway')?.play().requests ?? [];

  await generator.run({ port, requests, expectedStatus: 200, callers: 1, durationMs: 1 });

  expect(cloud.stateOf(FIRST_BUCKET, WORLD.region)).toEqual({
    status: 'on',
    mode: 'Auto,API',
    suffixes: ['jpg', 'png'],
  });
});
