import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Manner, Sending } from './sending.ts';

/** Keep the client waiting. */
export function delayed(delayMs: number): Manner {
  return async ({ socket, normally }) => {
    await pause(socket, delayMs);
    await normally();
  };
}

/** Say something provisional before the answer. Source: RFC 9110, 15.2. */
export function preceded(status: number, count: number): Manner {
  return async ({ socket, normally }) => {
    for (let said = 0; said < count; said += 1) {
      socket.write(`HTTP/1.1 ${status} Wait\r\n\r\n`);
    }
    await normally();
  };
}

/** No byte of an answer. */
export const resetAtOnce: Manner = async ({ socket }) => {
  socket.resetAndDestroy();
};

/** The whole head, and nothing of the body. */
export const resetAfterHead: Manner = async (sending) => {
  const { socket } = sending;
  await write(socket, sending.head(promised(sending)));
  socket.resetAndDestroy();
};

/** Half of the answer, by force. */
export const resetHalfway: Manner = async (sending) => {
  await writeHalf(sending);
  sending.socket.resetAndDestroy();
};

/** Half of the answer, and an orderly end. */
export const endHalfway: Manner = async (sending) => {
  await writeHalf(sending);
  sending.socket.end();
};

/** A whole answer that promises more or fewer bytes than follow; the connection stays open. */
export function measuredWrongly(byBytes: number): Manner {
  return async (sending) => {
    const { socket, bodyBytes } = sending;
    await write(socket, sending.head(`Content-Length: ${Math.max(0, bodyBytes + byBytes)}`));
    for await (const chunk of sending.body()) await write(socket, chunk);
  };
}

/** Ten pieces a second, the head as well. */
export function dripped(bytesPerSecond: number): Manner {
  return async (sending) => {
    const { socket } = sending;
    const size = Math.max(1, Math.round(bytesPerSecond / 10));
    const everyMs = (size / bytesPerSecond) * 1000;
    for await (const chunk of wholeOf(sending)) {
      for (let at = 0; at < chunk.length; at += size) {
        await write(socket, chunk.subarray(at, at + size));
        await pause(socket, everyMs);
      }
    }
    socket.end();
  };
}

/** A document that begins and never ends. */
export const endless: Manner = async ({ socket, head }) => {
  await write(socket, `${head('Transfer-Encoding: chunked')}b\r\n<ImageSlim>\r\n`);
  const more = `4000\r\n${' '.repeat(0x4000)}\r\n`;
  while (!socket.destroyed) {
    await write(socket, more);
    // So that one that reads slowly, or not at all, costs nothing.
    await pause(socket, 1);
  }
};

/** Where nothing would follow the head, it promises something. */
function promised({ bodyBytes }: Sending): string {
  return `Content-Length: ${bodyBytes > 0 ? bodyBytes : 100}`;
}

async function writeHalf(sending: Sending): Promise<void> {
  const { socket, bodyBytes } = sending;
  await write(socket, sending.head(promised(sending)));
  let left = Math.floor(bodyBytes / 2);
  for await (const chunk of sending.body()) {
    await write(socket, chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) return;
  }
}

async function* wholeOf(sending: Sending): AsyncGenerator<Buffer, void, undefined> {
  yield Buffer.from(sending.head(), 'latin1');
  yield* sending.body();
}

/** Resolves when the bytes are with the operating system. */
function write(socket: Socket, bytes: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    // A socket that is destroyed while it waits calls back with an error, too.
    socket.write(bytes as string, 'latin1', (error) => (error ? reject(error) : resolve()));
  });
}

/** Rejects when the connection ends meanwhile. */
async function pause(socket: Socket, ms: number): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  socket.once('close', leave);
  try {
    if (socket.destroyed) leave();
    await wait(ms, undefined, { signal: gone.signal });
  } finally {
    socket.off('close', leave);
  }
}
