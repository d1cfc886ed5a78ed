import type http from 'node:http';
import type { Socket } from 'node:net';
import { sourceKey } from '../src/admission/source-address.ts';
import type { Services } from '../src/services.ts';
import { peerAddressOf } from './peer-address.ts';
import type { RefuseConnection } from './refuse-connection.ts';

/**
 * Bound the sockets of the server, and those of each peer: a trusted proxy's carry the requests of
 * many, and count towards the total alone. Idle ones are cut, and those on which nothing moves.
 * @returns whether a socket was refused: nothing that comes on it is a request
 */
export function guardSockets(
  server: http.Server,
  services: Services,
  refuse: RefuseConnection,
): (socket: object) => boolean {
  const { limits, sourceAddresses } = services;
  const socketsOf = new Map<string, number>();
  const refused = new WeakSet<object>();
  server.maxConnections = limits.sockets;
  server.keepAliveTimeout = limits.idleSocketMs;
  server.timeout = services.stalledSocketMs;
  server.on('drop', (dropped) => {
    refuse(null, { peerAddress: dropped ? peerAddressOf(dropped) : null, reason: 'sockets' });
  });
  server.on('connection', (socket: Socket) => {
    const peerAddress = peerAddressOf(socket);
    if (sourceAddresses.isTrusted(peerAddress)) return;
    const key = sourceKey(peerAddress);
    const count = (socketsOf.get(key) ?? 0) + 1;
    if (count > limits.socketsPerPeer) {
      refused.add(socket);
      refuse(socket, { peerAddress, reason: 'sockets-of-peer', status: 429 });
      return;
    }
    socketsOf.set(key, count);
    socket.once('close', () => {
      const left = (socketsOf.get(key) ?? 1) - 1;
      if (left === 0) socketsOf.delete(key);
      else socketsOf.set(key, left);
    });
  });
  return (socket) => refused.has(socket);
}
