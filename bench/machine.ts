import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { median } from './statistics.ts';

/** What the figures depend on besides the code. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  readonly system: string;
  /** How long the disk below the journals takes for an append and its sync. */
  readonly syncMs: number;
}

export function readMachine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGib: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    syncMs: measureSyncMs(),
  };
}

const SYNCS = 50;

function measureSyncMs(): number {
  const directory = mkdtempSync(join(os.tmpdir(), 'slimgate-bench-'));
  const file = openSync(join(directory, 'sync'), 'a');
  const record = Buffer.alloc(1024, 'x');
  try {
    const times = Array.from({ length: SYNCS }, () => {
      const startedAt = performance.now();
      writeSync(file, record);
      fdatasyncSync(file);
      return performance.now() - startedAt;
    });
    return median(times);
  } finally {
    closeSync(file);
    rmSync(directory, { recursive: true });
  }
}
