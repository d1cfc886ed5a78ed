import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';

export interface AgentSettings {
  /** How long a connection may idle; below the upstream's own limit, so that few go stale. */
  readonly idleSocketMs: number;
  /** Connections to one host that may idle. */
  readonly idleSockets: number;
  /** How names become addresses; left out: as the system does it. */
  readonly lookup?: LookupFunction | undefined;
}

/** An agent that keeps connections open between requests; it bounds none that is in use. */
export function createKeepAliveAgent(
  protocol: 'http:' | 'https:',
  { idleSocketMs, idleSockets, lookup }: AgentSettings,
): http.Agent {
  const options: https.AgentOptions = {
    keepAlive: true,
    maxFreeSockets: idleSockets,
    scheduling: 'lifo',
    timeout: idleSocketMs,
    ...(lookup && { lookup }),
  };
  const agent = protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
  return dropOnUnaskedBytes(agent);
}

/** Close every idle connection: where one was found dead, the others are as old. */
export function closeIdle({ freeSockets }: http.Agent): void {
  for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
}

/** How many connections idle, to whatever host. */
export function idleCount({ freeSockets }: http.Agent): number {
  return Object.values(freeSockets).flat().length;
}

/**
 * INVARIANT: bytes that arrive while nothing was asked are never read as an answer to the next
 * request: a kept connection that speaks unasked is dropped.
 */
function dropOnUnaskedBytes(agent: http.Agent): http.Agent {
  const drop = new WeakMap<object, () => void>();
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
