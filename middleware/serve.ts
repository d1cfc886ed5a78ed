import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Services } from '../src/services.ts';
import { createAdmin } from './admin.ts';
import { createGateway } from './pipeline.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Both listeners, in service. */
export interface Served {
  readonly gateway: Address;
  readonly admin: Address;
  /** Take no new connection, let the requests in flight finish, then end what is left. */
  close(): Promise<void>;
}

/** Listen for tenants and for operators. Rejects when an address is taken. */
export async function serve(
  services: Services,
  listeners: { readonly listen: Address; readonly admin: Address },
): Promise<Served> {
  const gateway = createGatewayServer(services);
  const admin = http.createServer(createAdmin(services).callback());
  try {
    await Promise.all([listen(gateway, listeners.listen), listen(admin, listeners.admin)]);
  } catch (error) {
    gateway.close();
    admin.close();
    throw error;
  }
  return {
    gateway: addressOf(gateway),
    admin: addressOf(admin),
    async close() {
      await drain(gateway, services.limits.shutdownMs);
      await drain(admin, 0);
    },
  };
}

/** The tenants' front door. */
function createGatewayServer(services: Services): http.Server {
  const answer = createGateway(services).callback();
  const { headersTimeoutMs, bodyTimeoutMs } = services.limits;
  const server = http.createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: headersTimeoutMs + bodyTimeoutMs,
      maxHeaderSize: 16 * 1024,
    },
    answer,
  );
  // `Expect: 100-continue` is answered by the step that reads the body, if it comes to that.
  server.on('checkContinue', answer);
  server.on('clientError', refuseUnparsed);
  return server;
}

/** Source: RFC 9110, section 15.5. Node names what its parser refuses by these codes. */
const PARSER_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What the parser refuses never becomes a request: answer plainly and close. */
function refuseUnparsed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = PARSER_STATUS[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

async function listen(server: http.Server, { host, port }: Address): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

function addressOf(server: http.Server): Address {
  const { address, port } = server.address() as AddressInfo; // It listens on TCP.
  return { host: address, port };
}

const IDLE_CHECK_MS = 50;

async function drain(server: http.Server, limitMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A kept connection becomes idle when its request is answered, and would wait for another.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const limit = setTimeout(() => server.closeAllConnections(), limitMs);
  await closed;
  clearInterval(idle);
  clearTimeout(limit);
}
