import { setTimeout as wait } from 'node:timers/promises';
import type { RunningGateway } from './gateway.ts';
import {
  ecKey,
  type IssuerKeyPair,
  json,
  type KeyServer,
  keySetText,
  signedBy,
} from './key-server.ts';

const MAX_UNDER_WAY = 16;
/** For each rotation, however slow the machine is. */
const LEAST_REQUESTS = 25;

export interface RotationOptions {
  readonly gateway: RunningGateway;
  readonly server: KeyServer;
  readonly requestsPerSecond: number;
  readonly rotations: number;
  /** How long each set of keys is published. */
  readonly rotateMs: number;
}

export interface RotationReport {
  readonly requests: number;
  readonly taken: number;
  readonly refused: number;
  /** Each one is a fault. */
  readonly wrong: readonly object[];
  /** The longest from publishing a key until it was taken, and from removing it until it was not. */
  readonly newKeyTakenMs: number;
  readonly removedKeyRefusedMs: number;
}

interface PublishedKey extends IssuerKeyPair {
  readonly publishedAt: number;
  removedAt: number;
  firstTakenAt: number;
  lastTakenAt: number;
}

/**
 * Rotate an issuer's keys under load: each rotation publishes one and removes the oldest of three.
 * Each token is of a key that is, was or never will be published, and used before or not.
 */
export async function rotateKeys(options: RotationOptions): Promise<RotationReport> {
  const { server, rotations, rotateMs } = options;
  const keys: PublishedKey[] = [];
  const run = new RotationRun(options, keys);
  const rotate = () => {
    const at = performance.now();
    keys.push({
      ...ecKey(`key-${keys.length}`),
      publishedAt: at,
      removedAt: Infinity,
      firstTakenAt: Infinity,
      lastTakenAt: 0,
    });
    for (const key of keys.slice(0, -2)) key.removedAt = Math.min(key.removedAt, at);
    server.answer = json(keySetText(...keys.filter(({ removedAt }) => removedAt === Infinity)));
  };
  rotate();
  const load = run.start();
  for (let rotation = 1; rotation <= rotations; rotation += 1) {
    await Promise.all([wait(rotateMs), run.reaches(rotation * LEAST_REQUESTS)]);
    rotate();
  }
  await Promise.all([wait(rotateMs), run.reaches((rotations + 1) * LEAST_REQUESTS)]);
  run.stop();
  await load;
  return run.report();
}

class RotationRun {
  readonly #options: RotationOptions;
  readonly #keys: PublishedKey[];
  readonly #stranger = ecKey('never-published');
  readonly #used: { readonly key: PublishedKey; readonly token: string }[] = [];
  readonly #wrong: object[] = [];
  #requests = 0;
  #taken = 0;
  #isStopped = false;

  constructor(options: RotationOptions, keys: PublishedKey[]) {
    this.#options = options;
    this.#keys = keys;
  }

  async start(): Promise<void> {
    const everyMs = 1000 / this.#options.requestsPerSecond;
    const underWay = new Set<Promise<void>>();
    for (let dueAt = performance.now(); !this.#isStopped; dueAt += everyMs) {
      await wait(Math.max(0, dueAt - performance.now()));
      // A machine that is too slow for the rate sends fewer, and none of them waits in a queue.
      if (underWay.size >= MAX_UNDER_WAY) dueAt = performance.now();
      else {
        const call = this.#callOnce().finally(() => underWay.delete(call));
        underWay.add(call);
      }
    }
    await Promise.all(underWay);
  }

  async reaches(requests: number): Promise<void> {
    while (this.#requests < requests) await wait(10);
  }

  stop(): void {
    this.#isStopped = true;
  }

  report(): RotationReport {
    const removed = this.#keys.filter(({ removedAt }) => removedAt < Infinity);
    const used = this.#keys.filter(({ firstTakenAt }) => firstTakenAt < Infinity);
    return {
      requests: this.#requests,
      taken: this.#taken,
      refused: this.#requests - this.#taken,
      wrong: this.#wrong,
      newKeyTakenMs: longest(used.map((key) => key.firstTakenAt - key.publishedAt)),
      removedKeyRefusedMs: longest(removed.map((key) => key.lastTakenAt - key.removedAt)),
    };
  }

  async #callOnce(): Promise<void> {
    const turn = this.#requests;
    this.#requests += 1;
    const { key, token } = this.#choose(turn);
    const before = this.#kids();
    const answer = await this.#options.gateway.call('GET', { token });
    const { code } = (await answer.json()) as { code: string };
    // Who is authenticated has no statement in the table, and is denied.
    const isTaken = code === 'policy-denied';
    if (isTaken) this.#take(key, performance.now());
    const isListed = before.includes(key.kid);
    const isSettled = isListed === this.#kids().includes(key.kid);
    const isRight = isTaken ? key !== this.#stranger : code === 'token-key-unknown';
    if (!isRight || (isSettled && isListed !== isTaken)) {
      this.#wrong.push({ kid: key.kid, status: answer.status, code, before, after: this.#kids() });
    }
  }

  #choose(turn: number): { readonly key: IssuerKeyPair; readonly token: string } {
    if (turn % 10 === 0) return this.#fresh(this.#stranger, turn);
    const used = this.#used[(turn * 7919) % Math.max(this.#used.length, 1)];
    if (turn % 2 === 0 && used !== undefined) return used;
    // The newest four: two are published, the others were.
    const key = this.#keys.at(-1 - ((turn >> 1) % Math.min(this.#keys.length, 4)));
    if (key === undefined) throw new Error('there is a key');
    const fresh = this.#fresh(key, turn);
    this.#used.push({ ...fresh, key });
    return fresh;
  }

  #fresh(key: IssuerKeyPair, turn: number) {
    const seconds = Math.floor(Date.now() / 1000);
    const claims = { iss: 'https://issuer.test', aud: 'slimgate', sub: 'nobody', jti: `${turn}` };
    return { key, token: signedBy(key, { ...claims, iat: seconds, exp: seconds + 3600 }) };
  }

  #take(key: IssuerKeyPair, at: number): void {
    this.#taken += 1;
    const published = this.#keys.find(({ kid }) => kid === key.kid);
    if (published === undefined) return;
    published.firstTakenAt = Math.min(published.firstTakenAt, at);
    published.lastTakenAt = Math.max(published.lastTakenAt, at);
  }

  #kids(): readonly (string | null)[] {
    const { tokenVerifier, now } = this.#options.gateway.services;
    return tokenVerifier.status(now()).flatMap(({ kids }) => kids);
  }
}

function longest(milliseconds: readonly number[]): number {
  return Math.round(Math.max(0, ...milliseconds));
}
