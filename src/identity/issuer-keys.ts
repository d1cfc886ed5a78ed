import type { VerificationKey } from './verification-key.ts';

/** The keys of an issuer as they are at one time; another generation may have others. */
export interface KeySet {
  readonly generation: number;
  readonly keys: readonly VerificationKey[];
}

/** `configured` never changes; `stale` could not be read anew and is still used. */
export type KeyState = 'configured' | 'fresh' | 'stale' | 'unavailable';

/** How it stands with the keys of an issuer, for operators: nothing in it is secret. */
export interface IssuerStatus {
  readonly issuer: string;
  readonly state: KeyState;
  readonly generation: number;
  /** The `kid` of each key that is used; null: a key without one. */
  readonly kids: readonly (string | null)[];
  /** When they were read the last time; null: never, or they are configured. */
  readonly readAt: Date | null;
  /** Why they could not be read the last time; null when they could. */
  readonly problem: string | null;
  /** The keys of the set that are not used, and why. */
  readonly ignored: readonly string[];
}

/** What reading key sets needs of its process. */
export interface KeyWatch {
  readonly now: () => Date;
  /** Called when keys, state or problem have changed. */
  readonly onChange: (status: IssuerStatus) => void;
}

/** Where the keys of an issuer come from, whether they change or not. */
export interface IssuerKeys {
  /** Those that may be used; null: none was ever read, or they are too old to be trusted. */
  current(now: Date): KeySet | null;
  /** Have them read again; settles when that is done, and never rejects. Null: not now. */
  ask(now: Date): Promise<void> | null;
  status(now: Date): IssuerStatus;
  /** Read them, and go on doing so; settles after the first time, and never rejects. */
  open(watch: KeyWatch): Promise<void>;
  close(): void;
  /** Whether they are read anew now and then; whoever needs others may wait so long. */
  readonly retrySeconds: number;
}

/** Keys that stand in the configuration. */
export function configuredKeys(issuer: string, keys: readonly VerificationKey[]): IssuerKeys {
  const set = { generation: 0, keys };
  return {
    current: () => set,
    ask: () => null,
    status: () => ({
      issuer,
      state: 'configured',
      generation: 0,
      kids: keys.map(({ kid }) => kid),
      readAt: null,
      problem: null,
      ignored: [],
    }),
    open: async () => {},
    close: () => {},
    retrySeconds: 0,
  };
}
