import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Sample } from './children/watch-process.ts';
import { writeGatewayFiles } from './gateway-files.ts';
import type { GatewaySetting } from './gateway-setting.ts';

const MAIN = fileURLToPath(new URL('../bin/slimgate.js', import.meta.url));
const WATCH = new URL('./children/watch-process.ts', import.meta.url).href;

export interface GatewayProcessOptions {
  readonly upstreamPort: number;
  readonly setting: GatewaySetting;
  /** Whether it can be asked for samples of itself: a module of ours is loaded into it. */
  readonly isWatched: boolean;
}

/** The gateway as an operator runs it: `slimgate start`, a process of its own. */
export class GatewayProcess {
  readonly port: number;
  /** From the start of the process to its line `ready`. */
  readonly readyMs: number;
  /** What its log has warned of, the latest few lines. */
  readonly warnings: readonly string[];
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, directory: string, ready: Ready) {
    this.#process = child;
    this.#directory = directory;
    this.port = ready.port;
    this.readyMs = ready.readyMs;
    this.warnings = ready.warnings;
  }

  /** Rejects when the process ends instead. */
  static async start(options: GatewayProcessOptions): Promise<GatewayProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'slimgate-bench-'));
    const file = writeGatewayFiles(directory, options.upstreamPort, options.setting);
    const watch = options.isWatched ? [`--import=${WATCH}`] : [];
    const startedAt = performance.now();
    const child = spawn(process.execPath, [...watch, MAIN, 'start', '--config', file], {
      stdio: ['ignore', 'pipe', 'inherit', options.isWatched ? 'ipc' : 'ignore'],
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the gateway has ended before it was ready');
    });
    ended.catch(() => {}); // Later it may.
    try {
      const warnings: string[] = [];
      const port = await Promise.race([portOf(child, warnings), ended]);
      const readyMs = performance.now() - startedAt;
      return new GatewayProcess(child, directory, { port, readyMs, warnings });
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** What it sees of itself, since the sample before. */
  async sample(): Promise<Sample> {
    const answer = once(this.#process, 'message');
    this.#process.send('sample');
    const [sample] = (await answer) as [Sample];
    return sample;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    if (this.#process.exitCode === null && this.#process.kill('SIGTERM')) await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

interface Ready extends Pick<GatewayProcess, 'port' | 'readyMs' | 'warnings'> {}

/** From its log, which is read to the end so that it never waits for us. */
function portOf({ stdout }: ChildProcess, warnings: string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  if (stdout === null) throw new Error('the gateway has no standard output');
  const lines = createInterface({ input: stdout });
  lines.on('line', (line) => {
    if (!line.includes('"msg":"ready"')) return;
    lines.close();
    stdout.on('data', (chunk) => keepWarnings(String(chunk), warnings)).resume();
    resolve(JSON.parse(line).gateway.port);
  });
  lines.on('error', reject);
  return promise;
}

const WARNING = /^\{"level":[4-6]0.*$/gm;
const MAX_WARNINGS = 20;

/** Not line by line: nearly all of them are of requests, and many. */
function keepWarnings(text: string, warnings: string[]): void {
  warnings.push(...(text.match(WARNING) ?? []));
  warnings.splice(0, warnings.length - MAX_WARNINGS);
}
