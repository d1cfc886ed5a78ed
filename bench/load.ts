import { Connection } from './connection.ts';
import { percentile } from './statistics.ts';

/** One stretch of load on one subject. */
export interface LoadOrder {
  readonly port: number;
  /** As they stand on the wire, sent in turn; at least one. */
  readonly requests: readonly string[];
  readonly expectedStatus: number;
  /** Connections, each with one request under way at any time. */
  readonly callers: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly latencyMs: { readonly p50: number; readonly p90: number; readonly p99: number };
  /** What the load generator itself used: user and system time in µs. */
  readonly cpuUs: number;
}

/**
 * Callers that ask again as soon as they are answered. Connections stay open from one run to the
 * next as long as port and number of callers stay the same.
 */
export class LoadGenerator {
  #port = 0;
  #connections: readonly Connection[] = [];
  /** Goes on from one run to the next, so that a long list of requests is gone through. */
  #sent = 0;

  /** @throws Error at the first answer with another status, or none */
  async run(order: LoadOrder): Promise<LoadResult> {
    const connections = await this.#connect(order);
    const latencies: number[] = [];
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    const endsAt = startedAt + order.durationMs;
    const nextRequest = () => order.requests[this.#sent++ % order.requests.length] ?? '';

    async function call(connection: Connection): Promise<void> {
      for (let sentAt = performance.now(); sentAt < endsAt; ) {
        const { status, body } = await connection.exchange(nextRequest());
        if (status !== order.expectedStatus) {
          const text = Buffer.from(body.slice(0, 300), 'latin1');
          throw new Error(`expected ${order.expectedStatus}, got ${status}: ${text}`);
        }
        const answeredAt = performance.now();
        latencies.push(answeredAt - sentAt);
        sentAt = answeredAt;
      }
    }

    await Promise.all(connections.map(call));
    const elapsedMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    return { requests: latencies.length, elapsedMs, ...summary(latencies), cpuUs: user + system };
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
    this.#connections = [];
  }

  async #connect({ port, callers }: LoadOrder): Promise<readonly Connection[]> {
    const isFit =
      port === this.#port &&
      callers === this.#connections.length &&
      this.#connections.every(({ isOpen }) => isOpen);
    if (!isFit) {
      this.close();
      this.#port = port;
      this.#connections = await Promise.all(
        Array.from({ length: callers }, () => Connection.open(port)),
      );
    }
    return this.#connections;
  }
}

function summary(latencies: readonly number[]): Pick<LoadResult, 'latencyMs'> {
  const sorted = Float64Array.from(latencies).sort();
  return {
    latencyMs: {
      p50: percentile(sorted, 0.5),
      p90: percentile(sorted, 0.9),
      p99: percentile(sorted, 0.99),
    },
  };
}
