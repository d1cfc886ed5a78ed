import { expect, test } from 'vitest';
import { copyOfConfig, startCli } from '../../cli/running-cli.ts';
import { control } from '../../support/control.ts';
import { errorCode, send } from '../../support/local-cloud.ts';

async function startAlone(...flags: readonly string[]) {
  const words = ['simulator', '--port', '0', ...flags];
  const running = await startCli(copyOfConfig(), words, /listens on/);
  const url = /http:\S+/.exec(running.banner)?.[0] ?? '';
  const misbehaving = { 'x-slimgate-misbehave': 'throttled' };
  const answer = await send(url, { headers: misbehaving });
  const listed = await control({ url }, 'GET /_control/buckets');
  await running.stop('SIGTERM');
  return { code: errorCode(answer.body), isListed: Array.isArray(listed.json) };
}

test('started alone it has control, and takes no orders from requests', async () => {
  expect(await startAlone()).toEqual({ code: 'InvalidURI', isListed: true });
});

test('flags take control away and let requests order misbehaviour', async () => {
  const started = await startAlone('--no-control', '--test-mode');
  expect(started).toEqual({ code: 'SlowDown', isListed: false });
});
