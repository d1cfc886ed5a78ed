import { once } from 'node:events';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Services } from '../src/services.ts';
import { createAdmin } from './admin.ts';
import { createFrontDoor } from './front-door.ts';
import { listenerOf } from './listener.ts';
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
  const gateway = createFrontDoor(services, listenerOf(createGateway(services)));
  const admin = createFrontDoor(services, createAdmin(services).callback());
  try {
    await Promise.all([listen(gateway, listeners.listen), listen(admin, listeners.admin)]);
  } catch (error) {
    gateway.close();
    admin.close();
    throw error;
  }
  void services.resolveEarlier();
  return {
    gateway: addressOf(gateway),
    admin: addressOf(admin),
    async close() {
      await drain(gateway, services.limits.shutdownMs);
      await drain(admin, 0);
    },
  };
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
