import net from 'node:net';

/** What a slow socket sends at once, and then a byte a second, if anything. */
interface Slowness {
  readonly first: (authorization: string) => string;
  readonly drip: string | null;
  readonly isReading: boolean;
}

const PATH = '/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim';
const HEAD = `PUT ${PATH} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`;

/** Every way to hold a socket without asking for anything. */
const KINDS: readonly Slowness[] = [
  { first: () => '', drip: null, isReading: true },
  { first: () => 'PUT /v1/reg', drip: 'a', isReading: true },
  { first: () => `${HEAD}x: `, drip: 'a', isReading: true },
  {
    first: (authorization) => `${HEAD}${authorization}\r\nContent-Length: 4000\r\n\r\n`,
    drip: ' ',
    isReading: true,
  },
  {
    first: (authorization) => `${HEAD}${authorization}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    drip: '1\r\n \r\n',
    isReading: true,
  },
  // Refused without a token, which it never reads.
  { first: () => `${HEAD}Content-Length: 4000\r\n\r\n`, drip: ' ', isReading: false },
  { first: () => 'NONSENSE\r\n\r\n', drip: 'a', isReading: true },
];

export interface SlowSockets {
  /** Sockets that were opened in the place of those that the gateway has closed. */
  readonly reopened: () => number;
  /** Open no more and end what is open. */
  close(): void;
}

/**
 * Hold so many sockets of every slow kind, half open if the other side closes them; one that is
 * gone is replaced. Every 250 come from an address of their own.
 */
export function holdSlowSockets(
  count: number,
  { port, authorization }: { readonly port: number; readonly authorization: string },
): SlowSockets {
  const open = new Set<net.Socket>();
  let reopened = 0;
  let isClosed = false;

  function hold(index: number): void {
    const kind = KINDS[index % KINDS.length] as Slowness; // The index is within.
    const localAddress = `127.0.0.${10 + Math.floor(index / 250)}`;
    const socket = net.connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
    const drip = setInterval(() => kind.drip && socket.write(kind.drip), 1_000);
    open.add(socket);
    socket.on('error', () => {});
    socket.on('connect', () => socket.write(kind.first(authorization)));
    if (kind.isReading) socket.resume();
    socket.on('close', () => {
      clearInterval(drip);
      open.delete(socket);
      if (isClosed) return;
      reopened += 1;
      setTimeout(hold, 200, index);
    });
  }

  for (let index = 0; index < count; index += 1) hold(index);
  return {
    reopened: () => reopened,
    close() {
      isClosed = true;
      for (const socket of open) socket.destroy();
    },
  };
}
