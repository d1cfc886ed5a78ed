import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import {
  type EncoderLoss,
  type EncoderOrder,
  type EncoderReport,
  MEMORY_EXIT_CODE,
  READY,
} from './encoder-order.ts';

/** One process that encodes one picture at a time; it is started when there is something to do. */
export interface Encoder {
  /** Never rejects: a process that dies, hangs or does not start is an answer too. */
  encode(order: EncoderOrder): Promise<EncoderReport | EncoderLoss>;
  /** End the process; what it was at is answered with a loss. */
  end(): Promise<void>;
}

// Beside this file, whether types are stripped or were built away.
const MAIN = new URL(`./encoder-main${extname(import.meta.url)}`, import.meta.url);

/** A fresh process from time to time: allocators fragment, and leaks in decoders stay small. */
const PICTURES_PER_PROCESS = 50;
const IDLE_MS = 10_000;

interface Worker {
  readonly child: ChildProcess;
  isReady: boolean;
  pictures: number;
}

export function createEncoder(): Encoder {
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;

  function current(): Worker {
    clearTimeout(idle);
    if (worker === null || worker.child.exitCode !== null || !worker.child.connected) {
      worker = start();
    }
    return worker;
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const { child } = worker ?? {};
    worker = null;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    // Who waits for this must not be ended for want of anything else to do.
    keepAlive(child, true);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async function encode(order: EncoderOrder): Promise<EncoderReport | EncoderLoss> {
    const chosen = current();
    keepAlive(chosen.child, true);
    const answer = await answerOf(chosen, order);
    keepAlive(chosen.child, false);
    chosen.pictures += 1;
    if (answer.kind === 'lost' || chosen.pictures >= PICTURES_PER_PROCESS) await end();
    else idle = setTimeout(end, IDLE_MS).unref();
    return answer;
  }

  return { encode, end };
}

/** Whether a process that is at work keeps ours from ending; an idle one must not. */
function keepAlive(child: ChildProcess, isAlive: boolean): void {
  for (const handle of [child, child.channel]) {
    if (isAlive) handle?.ref();
    else handle?.unref();
  }
}

function start(): Worker {
  const child = fork(MAIN, [], {
    // None of our environment: a process that reads strangers' bytes has no use for its secrets.
    env: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2' },
    execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=256'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const worker: Worker = { child, isReady: false, pictures: 0 };
  child.on('message', (message) => {
    worker.isReady ||= message === READY;
  });
  // What is sent to a process that has just died comes back here; its exit is the answer.
  child.on('error', () => undefined);
  return worker;
}

function answerOf(worker: Worker, order: EncoderOrder): Promise<EncoderReport | EncoderLoss> {
  const { child } = worker;
  const { promise, resolve } = Promise.withResolvers<EncoderReport | EncoderLoss>();
  const onMessage = (message: unknown) => {
    // Our own program speaks: it says that it is ready, or gives its report.
    if (message !== READY) resolve(message as EncoderReport);
  };
  const onExit = (code: number | null) => resolve(lossOf(worker, code));
  const deadline = setTimeout(() => {
    resolve({ kind: 'lost', reason: 'too-large' });
  }, order.limits.deadlineMs);
  child.on('message', onMessage).on('exit', onExit);
  child.send(order, () => undefined);
  return promise.finally(() => {
    clearTimeout(deadline);
    child.off('message', onMessage).off('exit', onExit);
  });
}

/** Killed from outside is what a kernel does that is out of memory. */
function lossOf({ isReady, child }: Worker, code: number | null): EncoderReport | EncoderLoss {
  if (!isReady) return { kind: 'failed', message: 'the encoder process does not start' };
  const isMemory = code === MEMORY_EXIT_CODE || child.signalCode === 'SIGKILL';
  return { kind: 'lost', reason: isMemory ? 'too-large' : 'corrupt' };
}
