import type { Answered, Bucket, DryRun, Savings, SlimConfiguration, SlimState } from './answers.ts';
import { type Call, exchange } from './exchange.ts';
import { waitBeforeRetry } from './retry.ts';
import { SlimgateError } from './slimgate-error.ts';

export type * from './answers.ts';
export { SlimgateError } from './slimgate-error.ts';

export interface ClientOptions {
  /** Like `http://127.0.0.1:8080`. */
  readonly gateway: string;
  /** The bearer token, or what gives one: it is asked before each attempt, so tokens may change. */
  readonly token: string | (() => string | Promise<string>);
  /** For one attempt. */
  readonly timeoutMs?: number;
  /** How often a call is tried, where that is safe. */
  readonly attempts?: number;
  /** A longer wait than this is not waited: the error is thrown at once. */
  readonly maxWaitMs?: number;
  /** Told before each wait, with the error that it is for. */
  readonly onWait?: (waitMs: number, error: SlimgateError) => void;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** Ends the call and its waits. */
  readonly signal?: AbortSignal;
}

export interface ChangeOptions extends CallOptions {
  /** Change only a bucket that is in one of these states: the `etag` of earlier answers. */
  readonly ifMatch?: readonly string[];
}

/** The gateway, for one tenant. Every call rejects with a SlimgateError. */
export interface SlimgateClient {
  enable(
    bucket: Bucket,
    configuration: SlimConfiguration,
    options?: ChangeOptions,
  ): Promise<SlimState & Answered>;
  describe(bucket: Bucket, options?: CallOptions): Promise<SlimState & Answered>;
  disable(bucket: Bucket, options?: ChangeOptions): Promise<Answered>;
  /** What enabling, or with null disabling, would send; nothing is sent. */
  dryRun(
    bucket: Bucket,
    configuration: SlimConfiguration | null,
    options?: CallOptions,
  ): Promise<DryRun & Answered>;
  /** What compression saves on these objects: billed, so never repeated once it was begun. */
  savings(
    bucket: Bucket,
    keys: readonly string[],
    options?: CallOptions,
  ): Promise<Savings & Answered>;
  /** Your own records of one request, as they stand in the audit journal. */
  records(
    of: { readonly requestId: string },
    options?: CallOptions,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

const DEFAULTS = { timeoutMs: 60_000, attempts: 5, maxWaitMs: 60_000 };

export function createClient(options: ClientOptions): SlimgateClient {
  const settings = { ...DEFAULTS, fetch, ...options };

  async function call<T>(one: Call): Promise<T & Answered> {
    for (let attempt = 1; ; attempt += 1) {
      const ended = await exchange<T>(one, settings);
      if (!(ended instanceof SlimgateError)) return ended;
      const waitMs = waitBeforeRetry(ended, { attempt, isRead: one.isRead });
      if (waitMs === null || waitMs > settings.maxWaitMs || attempt >= settings.attempts) {
        throw ended;
      }
      settings.onWait?.(waitMs, ended);
      await sleep(waitMs, one.signal);
    }
  }

  return {
    enable: (bucket, configuration, { signal, ifMatch } = {}) => {
      const body = bodyOf(configuration);
      return call({ method: 'PUT', bucket, body, ifMatch, isRead: false, ...on(signal) });
    },
    describe: (bucket, { signal } = {}) =>
      call({ method: 'GET', bucket, isRead: true, ...on(signal) }),
    disable: (bucket, { signal, ifMatch } = {}) =>
      call({ method: 'DELETE', bucket, ifMatch, isRead: false, ...on(signal) }),
    dryRun: (bucket, configuration, { signal } = {}) =>
      call({
        ...(configuration === null
          ? { method: 'DELETE' }
          : { method: 'PUT', body: bodyOf(configuration) }),
        bucket,
        rest: '?dryRun=true',
        isRead: true,
        ...on(signal),
      }),
    savings: (bucket, keys, { signal } = {}) =>
      call({
        method: 'GET',
        bucket,
        rest: `/savings?${keys.map((key) => `key=${encodeURIComponent(key)}`).join('&')}`,
        isRead: false,
        ...on(signal),
      }),
    records: async ({ requestId }, { signal } = {}) => {
      const rest = `/v1/audit/records?requestId=${encodeURIComponent(requestId)}`;
      const page = { method: 'GET', bucket: null, rest, isRead: true, ...on(signal) } as const;
      return (await call<{ records: Readonly<Record<string, unknown>>[] }>(page)).records;
    },
  };
}

const on = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

function bodyOf({ modes, suffixes }: SlimConfiguration) {
  return { modes, ...(suffixes !== undefined && suffixes.length > 0 && { suffixes }) };
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}
