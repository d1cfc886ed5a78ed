import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
const MAIN = join(ROOT, 'src/cli/main.ts');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of the shipped configuration in a directory of its own, on free ports. */
export function copyOfConfig(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  cpSync(join(ROOT, 'config'), join(directory, 'config'), { recursive: true });
  edit(directory, (yaml) => yaml.replace(/port: \d+/g, 'port: 0'));
  return directory;
}

/** Change the copy's gateway.yaml. */
export function edit(directory: string, change: (yaml: string) => string): void {
  const file = join(directory, 'config', 'gateway.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

export function spawnCli(
  directory: string,
  args: readonly string[],
): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Run a command to its end. */
export async function cli(directory: string, ...args: readonly string[]): Promise<Finished> {
  const child = spawnCli(directory, args);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

export interface RunningCli {
  readonly pid: number;
  /** What was printed until it was ready. */
  readonly banner: string;
  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Finished>;
}

/** Start a command that keeps running, and wait until it prints what says that it is ready. */
export async function startCli(
  directory: string,
  args: readonly string[],
  ready: RegExp,
): Promise<RunningCli> {
  const child = spawnCli(directory, args);
  let stdout = '';
  const stderr = text(child.stderr);
  const isReady = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (ready.test(stdout)) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended: ${stdout}`)));
  });
  await isReady;
  return {
    pid: child.pid ?? 0,
    banner: stdout,
    async stop(signal) {
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
      return { code: child.exitCode, stdout, stderr: await stderr };
    },
  };
}
