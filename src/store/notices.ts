import type { Secret } from '../secret.ts';
import { createClient } from './postgres-pool.ts';

/** Waits for notices on a channel, until it is closed. */
export interface Listener {
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly channel: string;
  /** Called for each notice, and after each connection: what was said before it is not heard. */
  readonly onNotice: () => void;
  /** From 0 to 1: replicas that lose their server together should not come back together. */
  readonly random: () => number;
}

const RECONNECT_MS = { least: 200, most: 2_000 };

/** Listen on a connection of its own; one that breaks is made again. */
export function listen(url: Secret, { channel, onNotice, random }: ListenOptions): Listener {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let end: () => Promise<void> = async () => undefined;

  async function connect(): Promise<void> {
    const client = await createClient(url);
    if (isClosed) return;
    let isBroken = false;
    const onBreak = () => {
      if (isBroken) return;
      isBroken = true;
      // Whatever is left of it; what it says is of no use.
      client.end().catch(() => undefined);
      connectLater();
    };
    client.on('error', onBreak).on('end', onBreak).on('notification', onNotice);
    end = async () => {
      isBroken = true;
      await client.end().catch(() => undefined);
    };
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
      onNotice();
    } catch {
      onBreak();
    }
  }

  function connectLater(): void {
    if (isClosed) return;
    const { least, most } = RECONNECT_MS;
    timer = setTimeout(() => void connect(), least + random() * (most - least)).unref();
  }

  void connect();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await end();
    },
  };
}
