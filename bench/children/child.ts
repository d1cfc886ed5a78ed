import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Reply } from './answer-parent.ts';

/** Compiled code is kept from one run to the next, in a place that is ours, because it is code. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/slimgate', import.meta.url));

/** A process of ours that answers one question at a time, over its IPC channel. */
export class Child<Question extends Serializable, Answer> {
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  /** Its log goes to /dev/null, its errors to ours. */
  constructor(file: URL, nodeOptions: readonly string[] = []) {
    this.#process = fork(file, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
      // http-proxy prints this deprecation of util._extend on every start.
      execArgv: ['--disable-warning=DEP0060', ...nodeOptions],
    });
    this.#ended = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`the child ${file.pathname} ended: ${signal ?? code}`);
    });
    this.#ended.catch(() => {}); // Told to whoever asks next.
  }

  /** Rejects when the child fails or ends. */
  async ask(question: Question): Promise<Answer> {
    const message = once(this.#process, 'message');
    this.#process.send(question);
    // A child sends nothing else.
    const [reply] = (await Promise.race([message, this.#ended])) as [Reply<Answer>];
    if ('error' in reply) throw new Error(reply.error);
    return reply.answer;
  }

  /** Close the channel, which tells the child to clear up and end. */
  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended.catch(() => {});
  }
}
