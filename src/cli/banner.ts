import { join } from 'node:path';
import type { Address } from '../../middleware/serve.ts';
import type { Services } from '../services.ts';
import { type ExampleBucket, type ExampleCall, findExampleCall } from './example-calls.ts';

/** Where everything is that a developer has just started. */
export interface BannerPlaces {
  readonly gateway: Address;
  readonly admin: Address;
  readonly simulator: Address | null;
  readonly stateDirectory: string;
  readonly buckets: readonly ExampleBucket[];
}

const SLIM = `{"modes":["Auto","API"],"suffixes":["jpg","png"]}`;
const BAD_SLIM = `{"modes":["Auto"],"suffixes":["jpg","bmp"]}`;

/** What is printed on a development start: where things listen, and calls to paste. */
export function developmentBanner(places: BannerPlaces, services: Services): string {
  const { gateway, admin, simulator, stateDirectory, buckets } = places;
  const allowed = findExampleCall('allow', buckets, services);
  const denied = findExampleCall('deny', buckets, services);
  const call = (method: string, example: ExampleCall, body?: string) =>
    curl({ method, example, url: urlOf(gateway), stateDirectory, body });

  return [
    '',
    'Slimgate is ready (development mode).',
    '',
    `  gateway               ${urlOf(gateway)}`,
    `  health                ${urlOf(admin)}/readyz`,
    ...(simulator ? [`  local Cloud Infinite  ${urlOf(simulator)}`] : []),
    `  audit journal         ${join(stateDirectory, 'journal')}`,
    '',
    ...(allowed
      ? [
          'Switch smart compression on (200):',
          call('PUT', allowed, SLIM),
          'Look at it (200):',
          call('GET', allowed),
          'A body with a fault (422):',
          call('PUT', allowed, BAD_SLIM),
        ]
      : []),
    ...(denied ? ['A bucket this tenant may not touch (403):', call('PUT', denied, SLIM)] : []),
    'Ctrl-C stops it.',
    '',
    '',
  ].join('\n');
}

interface Curl {
  readonly method: string;
  readonly example: ExampleCall;
  readonly url: string;
  readonly stateDirectory: string;
  readonly body: string | undefined;
}

function curl({ method, example, url, stateDirectory, body }: Curl): string {
  const { tenant, bucket } = example;
  const token = join(stateDirectory, 'tokens', `${tenant}.jwt`);
  return [
    `  curl -i${method === 'GET' ? '' : ` -X ${method}`}`,
    `${url}/v1/regions/${bucket.region}/buckets/${bucket.name}/image-slim`,
    `-H "Authorization: Bearer $(cat '${token}')"`,
    ...(body === undefined ? [] : ["-H 'Content-Type: application/json'", `-d '${body}'`]),
    '\n',
  ].join(' ');
}

function urlOf({ host, port }: Address): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
