import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { serve } from '../../middleware/serve.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { closeServices, createServices } from '../../src/services.ts';
import {
  base64url,
  claimsWith,
  ISSUERS,
  NOW,
  SIGNED_ALGORITHMS,
  type SignedAlgorithm,
  tokenWith,
} from '../identity/token-forge.ts';
import { writeFiles } from '../support/gateway.ts';

/** `npm run token-timing`: whether the time of a refusal tells a caller its reason. */
const ROUNDS = 2_000;
const MAX_APART_PERCENT = 5;
const PATH = '/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim';

/**
 * What somebody without a key can send, and a good token for a tenant that there is not. The first
 * two are to take the same time; the others are shown.
 */
function tokensOf(algorithm: SignedAlgorithm): readonly (readonly [string, string])[] {
  const [, , signature = ''] = tokenWith(claimsWith({ jti: 'x' }), {}, algorithm).split('.');
  const forged = (changes: object, claims: Readonly<Record<string, unknown>> = {}) => {
    const [, payload] = tokenWith(claimsWith(claims), {}, algorithm).split('.');
    const { kid, ...rest } = { kid: `${algorithm.slice(0, 2).toLowerCase()}-1`, ...changes };
    const header = base64url(JSON.stringify({ alg: algorithm, typ: 'JWT', kid, ...rest }));
    return `${header}.${payload}.${signature}`;
  };
  return [
    ['unknown key', forged({ kid: 'xx-1' })],
    ['bad signature', forged({})],
    ['unknown issuer', forged({}, { iss: 'https://another-issuer.test' })],
    ['unknown tenant', tokenWith(claimsWith({ sub: 'emca' }), {}, algorithm)],
  ];
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

async function refusalMicroseconds(port: number, token: string): Promise<number> {
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${token}` };
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  http.get({ port, path: PATH, headers, agent }, resolve).on('error', reject);
  const answer = await promise;
  const body = await text(answer);
  if (answer.statusCode !== 401) throw new Error(body);
  return (performance.now() - startedAt) * 1000;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

async function measure(port: number, algorithm: SignedAlgorithm): Promise<void> {
  const rows = tokensOf(algorithm).map(([reason, token]) => ({ reason, token, times: [0] }));
  // In turn, so that whatever else the machine does falls on all of them.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { token, times } of rows) times.push(await refusalMicroseconds(port, token));
  }
  const medians = rows.map(({ times }) => medianOf(times));
  // An unknown issuer is refused unverified, and a tenant after a good signature: docs/security.md.
  const [unknownKey = 0, badSignature = 0] = medians;
  const apartPercent = (Math.abs(unknownKey - badSignature) / badSignature) * 100;
  const shown = rows.map(({ reason }, at) => `${reason} ${medians[at]?.toFixed(0)} µs`).join(', ');
  process.stdout.write(
    `${algorithm}: ${shown}; the first two ${apartPercent.toFixed(1)} % apart\n`,
  );
  if (apartPercent > MAX_APART_PERCENT) process.exitCode = 1;
}

const directory = mkdtempSync(join(tmpdir(), 'slimgate-timing-'));
const unlimited = 'requestsPerSecondPerSource: 100000';
writeFiles(directory, { limits: unlimited, connect: { host: '127.0.0.1', port: 1 } });
const configuration = loadConfiguration(join(directory, 'gateway.yaml'), {});
const settings = { ...configuration.settings, logLevel: 'silent' } as const;
const services = await createServices(
  { ...configuration, settings, issuers: ISSUERS },
  { now: () => NOW },
);
const served = await serve(services, settings);
for (const algorithm of SIGNED_ALGORITHMS) await measure(served.gateway.port, algorithm);
agent.destroy();
await served.close();
await closeServices(services);
rmSync(directory, { recursive: true });
