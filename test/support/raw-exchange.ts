import net from 'node:net';
import { onTestFinished } from 'vitest';
import type { PlainRequest } from './local-cloud.ts';

/** What a client saw of one connection: every byte (latin1), and how it ended. */
export interface Exchange {
  readonly text: string;
  readonly end: 'closed' | 'reset' | 'left open';
  readonly pieces: number;
}

/** Send one request on a connection of its own and read until it ends, or until `isEnough`. */
export async function exchange(
  port: number,
  request: PlainRequest,
  isEnough: (text: string) => boolean = () => false,
): Promise<Exchange> {
  const { method = 'GET', path = '/?image-slim', headers = {}, body = '' } = request;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const socket = net.connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  let pieces = 0;
  return new Promise((resolve) => {
    const finish = (end: Exchange['end']) => {
      resolve({ text, end, pieces });
      socket.destroy();
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      pieces += 1;
      if (isEnough(text)) finish('left open');
    });
    socket.on('error', () => finish('reset'));
    socket.on('end', () => finish('closed'));
    socket.write([`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n'));
  });
}
