import { execFile } from 'node:child_process';
import type { Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { breakDown } from '../../bench/profile/rooms.ts';

const MAIN = fileURLToPath(new URL('../../bench/profile/main.ts', import.meta.url));

function node(id: number, functionName: string, url: string, children: number[] = []) {
  const callFrame = { functionName, url, scriptId: '1', lineNumber: 9, columnNumber: 0 };
  return { id, callFrame, children };
}

/** The node with each of these ids is seen for so many microseconds. */
function profileOf(nodes: Profiler.ProfileNode[], seen: readonly [number, number][]) {
  const samples = seen.map(([id]) => id);
  const timeDeltas = [0, ...seen.map(([, us]) => us)];
  return { nodes, startTime: 0, endTime: 0, samples, timeDeltas };
}

test('time is told by room; the runtime’s own functions belong to their callers; waiting is no time', () => {
  const nodes = [
    node(1, '(root)', '', [2, 3, 4, 6, 8]),
    node(2, '(idle)', ''),
    node(3, '(garbage collector)', ''),
    node(4, 'seal', 'file:///here/src/audit/chain.ts', [5]),
    node(5, 'oneShotDigest', ''),
    node(6, 'compose', 'file:///here/node_modules/@koa/router/dist/index.mjs', [7]),
    node(7, 'writeHead', 'node:_http_server'),
    node(8, 'sign', 'file:///here/middleware/sign.ts'),
  ];
  const { busyUs, rooms, owners, functions } = breakDown(
    profileOf(nodes, [
      [2, 1000],
      [3, 5],
      [4, 10],
      [5, 30],
      [6, 20],
      [7, 15],
      [8, 25],
    ]),
  );
  expect(busyUs).toBe(105);
  expect(rooms).toEqual([
    { name: 'src/audit', us: 40 },
    { name: 'middleware', us: 25 },
    { name: '@koa/router', us: 20 },
    { name: 'Node: HTTP', us: 15 },
    { name: 'garbage collector', us: 5 },
  ]);
  expect(owners).toContainEqual({ name: 'src/audit', us: 40 });
  expect(owners.find(({ name }) => name.startsWith('nobody'))?.us).toBe(40);
  expect(functions[0]).toEqual({ name: 'oneShotDigest, for seal, src/audit/chain.ts:10', us: 30 });
  expect(functions).toContainEqual({ name: 'seal, src/audit/chain.ts:10', us: 10 });
});

test('a quick profile tells the rooms of the gateway', { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--quick']);
  for (const room of ['src/audit', 'middleware', 'src/upstream', 'Node: HTTP']) {
    expect(stdout).toMatch(new RegExp(`^\\| ${room} +\\| +[0-9.]+ % \\| +[0-9.]+ \\|$`, 'm'));
  }
  expect(stdout).not.toContain('NaN');
});
