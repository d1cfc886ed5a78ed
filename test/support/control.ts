import type { Simulator } from '../../src/simulator/create-simulator.ts';
import { send } from './local-cloud.ts';

/** A bucket that config/local-cloud.yaml hasn't. */
export const NEW_BUCKET = { name: 'fresh-1250000000', region: 'ap-beijing' };
export const NEW_BUCKET_PATH = `/_control/buckets/${NEW_BUCKET.name}?region=${NEW_BUCKET.region}`;

/** What a call of the control API is answered. */
export interface Called {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
}

/** Call the control API of a simulator, like `GET /_control/buckets`. */
export async function control(
  { url }: Pick<Simulator, 'url'>,
  call: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Called> {
  const [method = '', path = ''] = call.split(' ');
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const { host } = new URL(url);
  const length = text === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
  const answer = await send(url, {
    method,
    path,
    headers: { Host: host, ...length, ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  const isJson = answer.headers['content-type'] === 'application/json';
  return {
    status: answer.status,
    json: isJson ? JSON.parse(answer.body) : undefined,
    text: answer.body,
  };
}
