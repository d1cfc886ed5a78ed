import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BUCKET, REGION, type RunningGateway, startGateway } from '../support/gateway.ts';
import { answerText, normalAnswer, startRawUpstream } from '../support/raw-upstream.ts';
import { API as API_SETTING } from '../support/slim-settings.ts';
import { cli } from './running-cli.ts';

const ALWAYS = { state: '{ readBefore: always }' };
const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const API = { modes: ['API'] };
const DENIED = answerText('403 Forbidden', '<Error><Code>AccessDenied</Code></Error>');
const JOURNAL = ['--journal', 'var/journal'] as const;

/** Run a command as a tenant of the gateway, beside its journal. */
function commandsOf({ directory, url, token }: RunningGateway, tenant = 'photos') {
  writeFileSync(join(directory, `${tenant}.jwt`), token(tenant));
  const as = ['--gateway', url, '--token-file', `${tenant}.jwt`];
  return (...args: readonly string[]) => cli(directory, ...args, ...as);
}

const requestIdOf = (answer: Response) => answer.headers.get('x-request-id') ?? '';

async function indexed({ services }: RunningGateway): Promise<void> {
  const { seq } = services.journal.status().head;
  while (services.indexer.status().indexed < seq) await setTimeout(20);
}

test('a change is undone by its request id, through the whole way, and an undo as well', async () => {
  const gateway = await startGateway(ALWAYS);
  const run = commandsOf(gateway);
  await gateway.call('PUT', { body: API });
  const changed = requestIdOf(await gateway.call('PUT', { body: AUTO }));
  const undone = await run('slim', 'undo', changed, ...JOURNAL);
  expect([undone.code, undone.stderr]).toEqual([0, '']);
  const [, undo = ''] =
    /^ap-shanghai\/examplebucket-1250000000: API \(request (\S+)\)\n$/.exec(undone.stdout) ?? [];
  expect(gateway.simulator.stateOf(BUCKET, REGION)).toMatchObject({ mode: 'API' });

  // Its own record is asked for at the gateway.
  await indexed(gateway);
  const again = await run('slim', 'undo', undo, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ undone: undo, configuration: AUTO });
  expect(gateway.simulator.stateOf(BUCKET, REGION)).toMatchObject({ mode: 'Auto' });
  const changes = gateway
    .records()
    .filter(({ kind, outcome }) => kind === 'closing' && outcome === 'applied')
    .slice(-2);
  expect(changes).toMatchObject([
    { requestId: undo, outcome: 'applied' },
    { requestId: JSON.parse(again.stdout).requestId, outcome: 'applied' },
  ]);
}, 30_000);

test('a change of a bucket that has drifted since is undone only by force', async () => {
  const gateway = await startGateway(ALWAYS);
  const run = commandsOf(gateway);
  const changed = requestIdOf(await gateway.call('PUT', { body: AUTO }));
  await gateway.simulator.setState(BUCKET, REGION, API_SETTING);
  const refused = await run('slim', 'undo', changed, ...JOURNAL);
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toMatch(
    /^slimgate: precondition-failed: the bucket has changed since.*--force/,
  );
  expect(gateway.simulator.stateOf(BUCKET, REGION)).toEqual(API_SETTING);
  expect((await run('slim', 'undo', changed, ...JOURNAL, '--force')).code).toBe(0);
  expect(gateway.simulator.stateOf(BUCKET, REGION)).toMatchObject({ status: 'off' });
  const nothing = await run('slim', 'undo', 'no-such-request', ...JOURNAL);
  expect([nothing.code, nothing.stderr]).toMatchObject([1, /^slimgate: not undone: there is no/]);
}, 30_000);

test('drift tells what is in sync, what has drifted, and what is not known', async () => {
  const upstream = await startRawUpstream((socket, { method, host }) => {
    const isLost = host.startsWith('lost-');
    if (isLost && method === 'PUT') socket.destroy();
    else socket.write(isLost ? DENIED : normalAnswer(method));
  });
  const gateway = await startGateway({ connect: upstream, upstream: 'settleMs: 0' });
  const run = commandsOf(gateway);
  expect(await run('drift', ...JOURNAL)).toMatchObject({ code: 0 });

  // The upstream tells Auto for jpg of every bucket, whatever is set.
  for (const [bucket, body] of [
    ['same-1250000000', AUTO],
    ['other-1250000000', API],
    ['lost-1250000000', AUTO],
  ] as const) {
    await gateway.call('PUT', { bucket, body });
  }
  await gateway.call('DELETE', { bucket: 'off-1250000000' });
  const { code, stdout, stderr } = await run('drift', ...JOURNAL);
  expect([code, stderr]).toEqual([1, '']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/).slice(0, 4));
  expect(lines).toEqual([
    ['bucket', 'recorded', 'now', 'verdict'],
    ['ap-shanghai/lost-1250000000', '?', '?', 'unknown: upstream-access-denied'],
    ['ap-shanghai/off-1250000000', 'off', 'Auto jpg', 'drifted'],
    ['ap-shanghai/other-1250000000', 'API', 'Auto jpg', 'drifted'],
    ['ap-shanghai/same-1250000000', 'Auto jpg', 'Auto jpg', 'in-sync'],
    ['4 buckets: 1 in sync, 2 drifted, 1 unknown'],
  ]);

  // Who may not read does not know.
  const denied = await commandsOf(gateway, 'nobody')('drift', ...JOURNAL, '--json');
  expect(denied.code).toBe(1);
  expect(JSON.parse(denied.stdout)).toMatchObject(
    Array(4).fill({ verdict: 'unknown', now: null, reason: 'policy-denied' }),
  );
}, 30_000);
