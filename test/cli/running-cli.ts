import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';
import { runProgram } from '../../src/cli/run-program.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const MAIN = join(ROOT, 'bin/slimgate.js');

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

/** Run a command to its end, in a process of its own. */
export async function spawnedCli(directory: string, ...args: readonly string[]): Promise<Finished> {
  const child = spawnCli(directory, args);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

/** A program that listens for them ends with its process; here it has none. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

let last: Promise<unknown> = Promise.resolve();

/**
 * Run a command to its end as the program does, in this process: a start of Node for each would be
 * most of these tests' time. One at a time, because the directory and the output are the process's.
 */
export function cli(directory: string, ...args: readonly string[]): Promise<Finished> {
  const finished = last.then(() => runHere(directory, args));
  last = finished.catch(() => undefined);
  return finished;
}

async function runHere(directory: string, args: readonly string[]): Promise<Finished> {
  const before = { directory: process.cwd(), exitCode: process.exitCode };
  const listening = STOP_SIGNALS.map((name) => process.listeners(name));
  const [stdout, stderr] = [recorded(process.stdout), recorded(process.stderr)];
  process.chdir(directory);
  process.exitCode = 0;
  try {
    await runProgram(args);
    return { code: Number(process.exitCode), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.stop();
    stderr.stop();
    process.exitCode = before.exitCode;
    process.chdir(before.directory);
    for (const [index, name] of STOP_SIGNALS.entries()) {
      process.removeAllListeners(name);
      for (const listener of listening[index] ?? []) process.on(name, listener);
    }
  }
}

/** Take what is written to a stream, until it is stopped. */
function recorded(stream: NodeJS.WriteStream): { text: () => string; stop: () => void } {
  let text = '';
  const write = vi.spyOn(stream, 'write').mockImplementation((chunk, ...rest: unknown[]) => {
    text += Buffer.from(chunk as string).toString();
    for (const done of rest) if (typeof done === 'function') done();
    return true;
  });
  return { text: () => text, stop: () => write.mockRestore() };
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
