import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoreRefusal } from './refusal.ts';
import { type Sqlite, SqliteFailure } from './sqlite-order.ts';

/** What the thread says: one answer to its start, and one to each order in their sequence. */
export type ThreadAnswer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'done'; readonly rows: readonly unknown[] }
  | { readonly kind: 'failed'; readonly message: string; readonly errcode: number | null };

// Beside this file, whether types are stripped or were built away.
const MAIN = new URL(`./sqlite-main${extname(import.meta.url)}`, import.meta.url);

/**
 * SQLite in a thread of its own, which may wait for a disk or for another process while ours goes
 * on; an idle one does not keep the process from ending. Its tables are up to date.
 * @throws StoreRefusal as openSqliteFile, as migrate, or when the tables cannot be changed
 */
export async function openSqliteInThread(path: string): Promise<Sqlite> {
  const cache = getCompileCacheDir();
  // None of our environment, but compiled code is found where ours is: it halves the start.
  const env = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };
  const worker = new Worker(MAIN, { workerData: path, execArgv: [], env });
  const answers = answersOf(worker);
  const answer = await answers.next();
  if (answer.kind === 'refused') throw new StoreRefusal(answer.problem);
  return {
    async fulfil(order) {
      const coming = answers.next();
      worker.postMessage(order);
      const answer = await coming;
      if (answer.kind === 'done') return answer.rows;
      const { message, errcode } = answer.kind === 'failed' ? answer : STRANGE;
      throw new SqliteFailure(message, errcode);
    },
    async close() {
      if (answers.hasEnded()) return;
      worker.ref();
      const exited = once(worker, 'exit');
      worker.postMessage(null);
      await exited;
    },
  };
}

const STRANGE = { message: 'its thread answered something else', errcode: null };

interface Waiting {
  readonly resolve: (answer: ThreadAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Answers in the sequence in which they are waited for; none comes when the thread has ended. */
function answersOf(worker: Worker) {
  const waiting: Waiting[] = [];
  let ended: Error | null = null;
  const end = (reason: string) => {
    ended ??= new SqliteFailure(reason, null);
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  worker.on('message', (answer: ThreadAnswer) => {
    waiting.shift()?.resolve(answer);
    if (waiting.length === 0) worker.unref();
  });
  worker.on('error', (error) => end(`its thread failed: ${error}`));
  worker.on('exit', () => end('its thread has ended'));
  return {
    hasEnded: () => ended !== null,
    next: () =>
      new Promise<ThreadAnswer>((resolve, reject) => {
        if (ended !== null) return reject(ended);
        waiting.push({ resolve, reject });
        worker.ref();
      }),
  };
}
