import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import type { DatabaseOptions } from '../../src/store/database.ts';
import {
  ADMIN_DOCUMENT,
  ADMIN_TABLE,
  applyTable,
  callAdmin,
  tableWhere,
} from '../support/admin.ts';
import { DATABASES, freshDatabase } from '../support/databases.ts';
import { type GatewayOptions, startGateway } from '../support/gateway.ts';
import { listenOn } from '../support/listen-on.ts';
import { postgresServer } from '../support/postgres-server.ts';
import { NO_LIMITS, reloadRun } from '../support/reload-run.ts';

const REFUSING = tableWhere({ photosMay: false });
const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

const start = (options: GatewayOptions = {}) => startGateway({ table: ADMIN_TABLE, ...options });

async function twoNodes(database: DatabaseOptions, options: GatewayOptions = {}) {
  const first = await start({ database, ...options });
  return [first, await start({ database, ...options })] as const;
}

describe.for(DATABASES)('on %s', (kind) => {
  test('what one node changes is in force on the other, which tells no problem', async () => {
    const [first, second] = await twoNodes(await freshDatabase(kind));
    expect((await second.call('PUT', { body: AUTO })).status).toBe(200);
    await applyTable(first, REFUSING);
    await expect
      .poll(async () => (await second.call('PUT', { body: AUTO })).status, { timeout: 5_000 })
      .toBe(403);
    expect(second.services.policyTable.status()).toEqual(first.services.policyTable.status());
  });

  test('of two nodes that start on an empty database one makes the first version', async () => {
    const database = await freshDatabase(kind);
    const nodes = await Promise.all([start({ database }), start({ database })]);
    const versions = nodes.map(({ services }) => services.policyTable.status().version);
    expect(new Set(versions).size).toBe(1);
    const [first] = nodes;
    expect((await callAdmin(first, 'GET /v1/policy')).body.number).toBe(1);
  });

  test('while tables change, each request is decided by one version, and none by one revoked long ago', async () => {
    const upstream = http.createServer((_, response) => response.end());
    const connect = await listenOn(upstream);
    const nodes = await twoNodes(await freshDatabase(kind), { connect, limits: NO_LIMITS });
    const report = await reloadRun(nodes, { changes: 10, callsPerSecond: 60, pauseMs: 25 });
    expect(report).toMatchObject({ mixed: 0, unnamed: 0 });
    expect(Math.min(report.allowed, report.denied)).toBeGreaterThan(0);
    // A busy machine is late: `npm run reload-run` holds it to one second.
    expect(report.latestMs).toBeLessThan(5_000);
  });

  test('a version that this node cannot use leaves the one before in force until it is stale', async () => {
    const database = await freshDatabase(kind);
    const node = await start({ database, policy: 'maxStaleMs: 1000' });
    // A node that has another sub-account.
    const { policyVersions } = node.services;
    const document = JSON.stringify({
      ...ADMIN_DOCUMENT,
      tenants: { ...ADMIN_DOCUMENT.tenants, photos: { subAccount: 'elsewhere' } },
    });
    await policyVersions.add({
      number: 2,
      parent: 1,
      digest: hash('sha256', document),
      document,
      author: 'another',
      note: '',
      createdAt: new Date(),
      requestId: 'r',
    });
    await expect
      .poll(async () => (await node.call('PUT', { body: AUTO })).status, { timeout: 10_000 })
      .toBe(503);
    const ready = await fetch(`${node.adminUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      policyTable: { isStale: true, problem: expect.stringContaining('`elsewhere` is not') },
    });
    expect(node.logged()).toContain('the policy table’s state has changed');
  });
});

test('with refuseWhenStale: false the last table stays in force', async () => {
  const policy = 'maxStaleMs: 1000\nrefuseWhenStale: false';
  const server = await postgresServer();
  const node = await start({ database: await freshDatabase('postgres'), policy });
  await server.stop();
  await expect
    .poll(() => node.services.policyTable.status().isStale, { timeout: 8_000 })
    .toBe(true);
  expect((await node.call('PUT', { body: AUTO })).status).toBe(200);
  await server.start();
});

test('a PostgreSQL that stops is told, refused for, and come back to', async () => {
  const server = await postgresServer();
  const database = await freshDatabase('postgres');
  const [first, second] = await twoNodes(database, { policy: 'maxStaleMs: 1000' });
  await server.stop();
  await expect
    .poll(async () => (await second.call('PUT', { body: AUTO })).status, { timeout: 8_000 })
    .toBe(503);
  const refused = await second.call('PUT', { body: AUTO });
  // What is revoked cannot be told either.
  const code = expect.stringMatching(/^(?:policy|revocations)-stale$/);
  expect(await refused.json()).toMatchObject({ code });
  expect((await callAdmin(first, 'GET /v1/policy')).status).toBe(503);
  await server.start();
  await expect
    .poll(async () => (await second.call('PUT', { body: AUTO })).status, { timeout: 10_000 })
    .toBe(200);
  await expect
    .poll(async () => (await callAdmin(first, 'GET /v1/policy')).status, { timeout: 10_000 })
    .toBe(200);
  expect((await applyTable(first, REFUSING)).status).toBe(201);
  await expect
    .poll(async () => (await second.call('PUT', { body: AUTO })).status, { timeout: 5_000 })
    .toBe(403);
});

test('a version that another process adds to the SQLite file is in force soon', async () => {
  const database = await freshDatabase('sqlite');
  const node = await start({ database });
  const source = (path: string) =>
    JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const program = `
    const { openDatabase, closeDatabase } = await import(${source('store/database.ts')});
    const { policyVersions } = await import(${source('store/policy-versions.ts')});
    const { tableDocument } = await import(${source('policy/table-document.ts')});
    const database = await openDatabase(${JSON.stringify(database)});
    const { text: document, digest } = tableDocument(${JSON.stringify(REFUSING)});
    const version = { number: 2, parent: 1, digest, document, author: 'a', note: '' };
    await policyVersions(database).add({ ...version, createdAt: new Date(), requestId: 'r' });
    await closeDatabase(database);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  await expect
    .poll(async () => (await node.call('PUT', { body: AUTO })).status, { timeout: 5_000 })
    .toBe(403);
});
