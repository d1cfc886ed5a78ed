import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RefusedConnection } from '../src/audit/record.ts';
import type { Services } from '../src/services.ts';
import { noteSampled } from './note-sampled.ts';

/** How long a caller may take to read why it is refused. */
const LINGER_MS = 1_000;

type Refusal = Omit<RefusedConnection, 'status'> & { readonly status?: number };

/** Record the refusal, say it plainly when it has a status, and see that the socket is closed. */
export type RefuseConnection = (socket: Duplex | null, refusal: Refusal) => void;

export function createRefuseConnection(services: Services): RefuseConnection {
  return function refuseConnection(socket, { status, ...facts }) {
    noteSampled(services, () => {
      services.log.info({ ...facts, status }, 'a connection was refused');
      return { kind: 'connection-refused', ...facts, status: status ?? null };
    });
    if (status === undefined || socket === null) return;
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    );
    // Who does not close its own side would keep the socket.
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}
