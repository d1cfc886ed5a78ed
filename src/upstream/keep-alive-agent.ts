import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

export interface AgentSettings {
  /** Connections in all; requests beyond wait for one. */
  readonly maxSockets: number;
  /** How long a connection may idle; below the upstream's own limit, so that few go stale. */
  readonly idleSocketMs: number;
}

/**
 * INVARIANT: bytes that arrive while nothing was asked are never read as an answer to the next
 * request: a kept connection that speaks unasked is dropped.
 */
function dropOnUnaskedBytes(agent: http.Agent): http.Agent {
  const drop = new WeakMap<Duplex, () => void>();
  const keep = agent.keepSocketAlive.bind(agent);
  const reuse = agent.reuseSocket.bind(agent);

  agent.keepSocketAlive = (socket) => {
    const destroy = () => socket.destroy();
    drop.set(socket, destroy);
    socket.once('data', destroy);
    return keep(socket) as unknown as undefined; // Node reads a boolean; its types say void.
  };
  agent.reuseSocket = (socket, request) => {
    socket.removeListener('data', drop.get(socket) ?? (() => {}));
    reuse(socket, request);
  };
  return agent;
}

/** An agent that keeps connections open between requests. */
export function createKeepAliveAgent(
  protocol: 'http:' | 'https:',
  { maxSockets, idleSocketMs }: AgentSettings,
): http.Agent {
  const options: https.AgentOptions = {
    keepAlive: true,
    maxTotalSockets: maxSockets,
    maxFreeSockets: maxSockets,
    scheduling: 'lifo',
    timeout: idleSocketMs,
  };
  return dropOnUnaskedBytes(
    protocol === 'https:' ? new https.Agent(options) : new http.Agent(options),
  );
}

/**
 * Idle connections count towards the bound, and Node would let a request to another host wait until
 * one of them times out: at the bound, close one of another host instead.
 */
export function makeRoomFor(target: { host: string; port: number }, agent: http.Agent): void {
  const { sockets, freeSockets, maxTotalSockets } = agent;
  const open = [sockets, freeSockets].flatMap((byName) => Object.values(byName)).flat();
  if (open.length < maxTotalSockets) return;
  const ownName = `${target.host}:${target.port}:`;
  Object.entries(freeSockets)
    .flatMap(([name, idle = []]) => (name.startsWith(ownName) ? [] : idle))
    .find((socket) => !socket.destroyed)
    ?.destroy();
}

/** Close every idle connection: where one was found dead, the others are as old. */
export function closeIdle({ freeSockets }: http.Agent): void {
  for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
}
