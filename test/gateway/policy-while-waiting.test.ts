import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ADMIN_DOCUMENT, ADMIN_TABLE, applyTable, tableWhere } from '../support/admin.ts';
import { startGateway } from '../support/gateway.ts';
import { listenOn } from '../support/listen-on.ts';

const API = { modes: ['API'] };

/** An upstream whose first change is answered when the test says so, and counts them. */
async function heldUpstream() {
  const changes: http.ServerResponse[] = [];
  const { promise: held, resolve: isHeld } = Promise.withResolvers<void>();
  const server = http.createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end('<ImageSlim><Status>off</Status></ImageSlim>');
    } else if (changes.push(response) === 1) isHeld();
    else response.end();
  });
  return { connect: await listenOn(server), changes, held };
}

const acting = (subAccount: string) => ({
  ...ADMIN_DOCUMENT,
  tenants: { ...ADMIN_DOCUMENT.tenants, photos: { subAccount } },
});

test.for([
  {
    name: 'a table that denies it: it is denied',
    table: tableWhere({ photosMay: false }),
    status: 403,
    code: 'policy-denied',
  },
  {
    name: 'another sub-account for its tenant: it is not sent with the old one’s key',
    table: acting('reader'),
    status: 503,
    code: 'policy-stale',
  },
])('a change that waits for its turn meets $name', async ({ table, status, code }) => {
  const { connect, changes, held } = await heldUpstream();
  const gateway = await startGateway({ table: ADMIN_TABLE, connect });
  const first = gateway.call('PUT', { body: API });
  await held;
  const second = gateway.call('PUT', { body: { modes: ['Auto'], suffixes: ['jpg'] } });
  // Until it stands in line: were it later, it would be decided by the new table at once.
  await wait(300);
  const { body } = await applyTable(gateway, table);
  changes[0]?.end();
  expect((await first).status).toBe(200);
  const answer = await second;
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ code });
  expect(changes).toHaveLength(1);
  if (status !== 403) return;
  const requestId = answer.headers.get('x-request-id');
  await expect
    .poll(() => gateway.records().find((record) => record.requestId === requestId))
    .toMatchObject({ outcome: 'refused', decision: { tableVersion: body.version } });
});

const READING = `${ADMIN_TABLE}
  - id: photos-objects
    principal: tenant/photos
    effect: allow
    action: cos:GetObject
    resource: qcs::cos:ap-shanghai:uid/1250000000:examplebucket-1250000000/*
`;

test.for([
  { name: 'a table that takes its objects away', table: ADMIN_DOCUMENT },
  {
    name: 'a table that takes the bucket’s state away',
    table: (({ statements, ...rest }) => ({
      ...rest,
      statements: statements.map((row: { id: string }) =>
        row.id === 'photos-everything' ? { ...row, effect: 'deny' } : row,
      ),
    }))(parse(READING)),
  },
])('a question for savings that waits for its turn meets $name', async ({ table }) => {
  const { promise: held, resolve: isHeld } = Promise.withResolvers<http.ServerResponse>();
  const heard: string[] = [];
  const server = http.createServer(({ url = '' }, response) => {
    heard.push(url);
    if (heard.length === 1) isHeld(response);
    else response.end();
  });
  const connect = await listenOn(server);
  const gateway = await startGateway({ table: READING, connect, upstream: 'readsPerBucket: 1' });
  const first = gateway.call('GET');
  const response = await held;
  const second = gateway.call('GET', { query: '/savings?key=a.jpg' });
  await wait(300);
  const { body } = await applyTable(gateway, table);
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end('<ImageSlim><Status>on</Status><SlimMode>API</SlimMode></ImageSlim>');
  expect((await first).status).toBe(200);
  const answer = await second;
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'policy-denied' }]);
  expect(heard).toEqual(['/?image-slim']);
  const requestId = answer.headers.get('x-request-id');
  await expect
    .poll(() => gateway.records().find((record) => record.requestId === requestId))
    .toMatchObject({ outcome: 'refused', decision: { tableVersion: body.version } });
});
