/** How far the index is behind its journal. */
export interface IndexStatus {
  /** The last record that is in the index; 0 before the database was asked. */
  readonly indexed: number;
  /** Durable records that are not in it yet. */
  readonly behind: number;
  /** Why it stands still, for operators; null when it does not. */
  readonly problem: string | null;
}

/** Fills the index behind a journal that is being written. */
export interface Indexer {
  status(): IndexStatus;
  /** Let what is under way come to its end, and stop. */
  close(): Promise<void>;
}

/** What the thread that fills the index tells: how far it is, and at the end of each turn how it went. */
export type IndexNews =
  | { readonly kind: 'indexed'; readonly seq: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly problem: string };

/** The thread that fills the index. */
export interface IndexThread {
  /** Give it a turn: it may look at records up to this one. No other until it is over. */
  indexUpTo(seq: number): void;
  close(): Promise<void>;
}

export interface IndexerOptions {
  /** The journal's last durable record: nothing behind it is looked at. */
  readonly lastSeq: () => number;
  readonly openThread: (onNews: (news: IndexNews) => void) => IndexThread;
  /** Called when the index stands still, and when it goes on. */
  readonly onStateChange: (status: IndexStatus) => void;
}

const TICK_MS = 125;
/** Under load records are put in once a second: many at once are cheaper. */
const MOST_TICKS = 8;
/** After a failure; each further one doubles it up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

/**
 * Start to fill the index, in a thread of its own that reads the journal's files: no request waits
 * for it and none is lost to it, since what the database has not taken is read again. This thread
 * tells the other how far the journal is, as soon as it comes to rest or has gone on for a second.
 */
export function startIndexer({ lastSeq, openThread, onStateChange }: IndexerOptions): Indexer {
  let problem: string | null = null;
  let [indexed, asked, seen] = [0, -1, -1];
  let [ticks, retryMs] = [0, FIRST_RETRY_MS];
  let [isWorking, isClosed] = [false, false];
  let timer: NodeJS.Timeout | undefined;

  const status = () => ({ indexed, behind: Math.max(0, lastSeq() - indexed), problem });
  const tell = (news: string | null) => {
    if (news === problem) return;
    problem = news;
    onStateChange(status());
  };
  const thread = openThread((news) => {
    if (news.kind === 'indexed') indexed = news.seq;
    else isWorking = false;
    if (news.kind === 'done') {
      tell(null);
      retryMs = FIRST_RETRY_MS;
    }
    if (news.kind === 'failed') {
      tell(news.problem);
      asked = -1;
      wait(retryMs);
      retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
    }
  });
  const wait = (ms: number) => {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(tick, ms).unref();
  };
  const tick = () => {
    const seq = lastSeq();
    ticks += 1;
    if (!isWorking && seq !== asked && (seq === seen || ticks >= MOST_TICKS || problem !== null)) {
      [isWorking, asked, ticks] = [true, seq, 0];
      thread.indexUpTo(seq);
    }
    seen = seq;
    wait(TICK_MS);
  };
  wait(TICK_MS);
  return {
    status,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await thread.close();
    },
  };
}
