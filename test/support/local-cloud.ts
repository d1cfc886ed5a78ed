import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../src/simulator/create-simulator.ts';
import { type LocalCloud, parseLocalCloud } from '../../src/simulator/local-cloud.ts';

/** An access key as a client holds it. */
export interface ClientKey {
  readonly secretId: string;
  readonly secretKey: string;
}

/** The keys of config/local-cloud.yaml. */
export const LOCAL_KEYS = {
  media: {
    secretId: 'AKIDlocalmedia00000000000000000000001',
    secretKey: 'local-cloud-media-secret-key-0001',
  },
  reader: {
    secretId: 'AKIDlocalreader0000000000000000000001',
    secretKey: 'local-cloud-reader-secret-key-0001',
  },
  partner: {
    secretId: 'AKIDlocalpartner000000000000000000001',
    secretKey: 'local-cloud-partner-secret-key-0001',
  },
} as const;

export const EXAMPLE_HOST = 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com';
export const SLIM_API = '<ImageSlim><SlimMode>API</SlimMode></ImageSlim>';
export const SLIM_AUTO =
  '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>png</Suffix></Suffixs></ImageSlim>';

/** The cloud of config/local-cloud.yaml. */
export async function defaultLocalCloud(): Promise<LocalCloud> {
  const path = new URL('../../config/local-cloud.yaml', import.meta.url);
  return parseLocalCloud(await readFile(path, 'utf8'));
}

/** A directory of the test's own, gone when it ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'local-cloud-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A simulator of the default cloud for one test. */
export async function startLocalCloud(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const cloud = options.cloud ?? (await defaultLocalCloud());
  const stateDirectory = options.stateDirectory ?? (await temporaryDirectory());
  const simulator = await createSimulator({ ...options, cloud, stateDirectory });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** A request to write on the wire; nothing is added but what HTTP needs. */
export interface PlainRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Send one request on a connection of its own. */
export async function send(url: string, request: PlainRequest): Promise<PlainAnswer> {
  const { method = 'GET', path = '/?image-slim', headers = {}, body = '' } = request;
  const { hostname, port } = new URL(url);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ hostname, port, method, path, headers, agent: false }, resolve)
      .on('error', reject)
      .end(body);
  });
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}

/** The code of an error document; undefined when the body is none. */
export function errorCode(body: string): string | undefined {
  return /<Error><Code>([A-Za-z]+)<\/Code>/.exec(body)?.[1];
}
