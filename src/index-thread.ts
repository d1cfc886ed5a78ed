import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { extname } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { IndexNews, IndexThread } from './audit/indexer.ts';
import type { DatabasePlace } from './store/database.ts';

/** What the thread is given. */
export interface IndexThreadTask {
  readonly directory: string;
  readonly journal: string;
  /** As a path, or a URL in clear: what crosses between threads is copied, and a Secret is not. */
  readonly database: { readonly kind: DatabasePlace['kind']; readonly place: string };
}

// Beside this file, whether types are stripped or were built away.
const MAIN = new URL(`./index-thread-main${extname(import.meta.url)}`, import.meta.url);

/** Young objects of the thread are short-lived lines: little room is enough for them. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 8 };

/** For SQLite's nothing but where compiled code is found; PostgreSQL's library reads PG… of ours. */
function compileCache(): Record<string, string> {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}

export interface IndexThreadOptions {
  readonly directory: string;
  readonly journal: string;
  readonly database: DatabasePlace;
}

/** A thread that fills the index; begun with its first turn, and anew when it has died. */
export function openIndexThread(
  { directory, journal, database }: IndexThreadOptions,
  onNews: (news: IndexNews) => void,
): IndexThread {
  const place = database.kind === 'sqlite' ? database.path : database.url.reveal();
  const task: IndexThreadTask = { directory, journal, database: { kind: database.kind, place } };
  let worker: Worker | null = null;

  function begin(): Worker {
    const begun = new Worker(MAIN, {
      workerData: task,
      execArgv: [],
      env: database.kind === 'sqlite' ? compileCache() : SHARE_ENV,
      resourceLimits: RESOURCE_LIMITS,
    });
    const end = (problem: string) => {
      if (worker !== begun) return;
      worker = null;
      onNews({ kind: 'failed', problem });
    };
    begun.on('message', onNews);
    begun.on('error', (error) => end(`its thread failed: ${error}`));
    begun.on('exit', () => end('its thread has ended'));
    begun.unref();
    return begun;
  }

  return {
    indexUpTo(seq) {
      worker ??= begin();
      worker.postMessage(seq);
    },
    async close() {
      if (worker === null) return;
      const closing = worker;
      worker = null;
      closing.ref();
      const exited = once(closing, 'exit');
      closing.postMessage(null);
      await exited;
    },
  };
}
