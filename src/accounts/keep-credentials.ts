import { ConfigurationError, GatewayError } from '../errors.ts';
import { CredentialProblem, type CredentialSource } from './credential-source.ts';
import { type Credentials, isSameKey } from './credentials.ts';
import {
  type HeldCredentials,
  renewalDelayMs,
  retryDelayMs,
  usableUntilMs,
} from './renewal-time.ts';

/** Refusals that come faster than this ask for one renewal. */
const RENOUNCE_EVERY_MS = 5_000;

/** How it stands with the keys from one source; nothing secret. */
export interface KeptStatus {
  readonly source: string;
  readonly isUsable: boolean;
  /** Of the keys that are held, usable or not. */
  readonly secretId: string | null;
  readonly expiresAt: Date | null;
  /** Why no newer keys could be had; null when the last attempt succeeded. */
  readonly problem: string | null;
  readonly warning: string | null;
}

export interface KeeperOptions {
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Called when keys are replaced, and when a problem or warning comes, changes or goes. */
  readonly onChange: (status: KeptStatus) => void;
}

/**
 * The keys from one source, always at hand: renewed ahead of their end, one renewal at a time; when
 * that fails the last good ones are kept until they end, and it is tried again.
 */
export class CredentialKeeper {
  readonly #source: CredentialSource;
  readonly #options: KeeperOptions;
  #held: HeldCredentials | null = null;
  #problem: string | null = null;
  #failures = 0;
  #renewal: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  /** When the next renewal is to be, by the clock. */
  #dueAt = Number.POSITIVE_INFINITY;
  #told = '';
  #isClosed = false;

  constructor(source: CredentialSource, options: KeeperOptions) {
    this.#source = source;
    this.#options = options;
    if (source.first !== null) this.#hold({ ...source.first, obtainedAt: options.now() });
  }

  /** Settles when there are keys, or when the first attempt has failed; never rejects. */
  async start(): Promise<void> {
    if (this.#held === null) await this.#renew();
    else {
      this.#tell();
      this.#schedule();
    }
  }

  /**
   * The keys to sign with now.
   * @throws GatewayError `credentials-unavailable`
   */
  current(): Credentials {
    const held = this.#held;
    const nowMs = this.#options.now().getTime();
    // The clock has jumped, as after a sleep: the renewal's timer knows nothing of that.
    if (nowMs >= this.#dueAt && this.#failures === 0) this.#renewInBackground();
    if (held !== null && nowMs < usableUntilMs(held)) return held.credentials;
    throw new GatewayError(
      'credentials-unavailable',
      'the operator must look at the sub-account’s source of keys; repeat the request later',
      { headers: { 'retry-after': '5' }, cause: this.#problem },
    );
  }

  /** Look for other keys soon: the upstream has refused these. News of older keys is no news. */
  renounce(secretId: string): void {
    const isHeld = this.#held?.credentials.secretId === secretId;
    const sinceMs = this.#options.now().getTime() - this.#attemptedAt;
    if (isHeld && this.#failures === 0 && sinceMs >= RENOUNCE_EVERY_MS) this.#renewInBackground();
  }

  status(): KeptStatus {
    const held = this.#held;
    return {
      source: this.#source.name,
      isUsable: held !== null && this.#isUsable(held),
      secretId: held?.credentials.secretId ?? null,
      expiresAt: held?.expiresAt ?? null,
      problem: this.#problem,
      warning: held?.warning ?? null,
    };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#source.close();
  }

  #isUsable(held: HeldCredentials): boolean {
    return this.#options.now().getTime() < usableUntilMs(held);
  }

  #renewInBackground(): void {
    this.#renew().catch(() => undefined); // It never rejects.
  }

  /** INVARIANT: one renewal at a time; who comes meanwhile waits for the same one. */
  #renew(): Promise<void> {
    this.#renewal ??= this.#attempt().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #attempt(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#attemptedAt = this.#options.now().getTime();
    try {
      const issued = await this.#source.fetch();
      this.#hold({ ...issued, obtainedAt: this.#options.now() });
      this.#problem = null;
      this.#failures = 0;
    } catch (error) {
      this.#problem = problemOf(error);
      this.#failures += 1;
    }
    if (this.#isClosed) return;
    this.#tell();
    this.#schedule();
  }

  /** The same keys stay the same object, for what is remembered of it. */
  #hold(next: HeldCredentials): void {
    const held = this.#held;
    const isSame = held !== null && isSameKey(held.credentials, next.credentials);
    const { credentials, obtainedAt } = isSame ? held : next;
    this.#held = { ...next, credentials, obtainedAt };
  }

  #schedule(): void {
    const delayMs = this.#delayMs();
    if (delayMs === null) return;
    this.#dueAt = this.#options.now().getTime() + delayMs;
    this.#timer = setTimeout(() => this.#renewInBackground(), delayMs).unref();
  }

  #delayMs(): number | null {
    const { now, random } = this.#options;
    const { pollMs } = this.#source;
    if (pollMs !== null) return pollMs;
    if (this.#failures > 0) return this.#untilNextTry(retryDelayMs(this.#failures, random()));
    const expiresAt = this.#held?.expiresAt ?? null;
    return expiresAt && renewalDelayMs(expiresAt, now(), random());
  }

  /** One try falls on the end of the keys, so that their end is told when it comes. */
  #untilNextTry(retryMs: number): number {
    const leftMs = this.#held ? usableUntilMs(this.#held) - this.#options.now().getTime() : 0;
    return leftMs > 0 ? Math.min(retryMs, leftMs) : retryMs;
  }

  #tell(): void {
    const status = this.status();
    const { isUsable, secretId, problem, warning } = status;
    const told = JSON.stringify([isUsable, secretId, problem, warning]);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.onChange(status);
  }
}

/** What a foreign error says may hold anything; ours does not. */
function problemOf(error: unknown): string {
  if (error instanceof ConfigurationError) return error.problems.join('; ');
  if (error instanceof CredentialProblem) return error.message;
  return `unforeseen: ${error instanceof Error ? error.name : typeof error}`;
}
