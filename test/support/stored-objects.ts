import { hash } from 'node:crypto';
import { expect } from 'vitest';
import { wireRequestOf } from '../../src/upstream/wire-request.ts';
import { BUCKET, REGION, type RunningGateway } from './gateway.ts';
import { send } from './local-cloud.ts';

/** Store an object in the gateway's simulator, in the example bucket, so that a strict one takes it. */
export async function store(gateway: RunningGateway, key: string, body: Buffer): Promise<void> {
  const { subAccounts, signRequest } = gateway.services;
  const media = subAccounts.find('media');
  if (media === null) throw new Error('the test configuration has this sub-account');
  const host = `${BUCKET}.cos.${REGION}.myqcloud.com`;
  const request = {
    method: 'PUT',
    host,
    path: `/${key}`,
    parameters: {},
    target: `/${encodeURIComponent(key)}`,
    headers: {
      host,
      'content-type': 'image/jpeg',
      'content-length': String(body.length),
      'content-md5': hash('md5', body, 'base64'),
    },
    body,
    sha256: '',
  } as const;
  const signed = signRequest(request, subAccounts.credentialsOf(media), new Date());
  const { status } = await send(gateway.simulator.url, {
    method: 'PUT',
    path: request.target,
    headers: { ...wireRequestOf(signed).headers },
    body,
  });
  expect(status).toBe(200);
}
