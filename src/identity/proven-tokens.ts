import { hash } from 'node:crypto';
import type { Tenant } from './tenant.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';

/** Claims weigh several times their text in memory: so much text is a few dozen megabytes. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** What a token has proven, under which keys. */
export interface ProvenToken {
  readonly tenant: Tenant;
  readonly issuer: TrustedIssuer;
  /** The generation of the issuer's keys: what they have proven ends with them. */
  readonly generation: number;
}

interface Kept extends ProvenToken {
  readonly characters: number;
}

/**
 * Tokens whose signature is verified, by the SHA-256 of their exact text, so that no other text can
 * stand for them. Whether they are still in their time, and not revoked, is for each use to ask.
 */
export class ProvenTokens {
  readonly #capacity: number;
  readonly #kept = new Map<string, Kept>();
  #characters = 0;

  /** @param capacity the most tokens; 0 keeps none */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#kept.size;
  }

  find(token: string): ProvenToken | undefined {
    return this.#kept.get(digestOf(token));
  }

  keep(token: string, proven: ProvenToken): void {
    this.remove(token);
    this.#kept.set(digestOf(token), { ...proven, characters: token.length });
    this.#characters += token.length;
    // The oldest first: only who has a good token can push out another's, which costs a proof.
    for (const digest of this.#kept.keys()) {
      if (this.#kept.size <= this.#capacity && this.#characters <= MAX_CHARACTERS) break;
      this.#drop(digest);
    }
  }

  remove(token: string): void {
    this.#drop(digestOf(token));
  }

  #drop(digest: string): void {
    this.#characters -= this.#kept.get(digest)?.characters ?? 0;
    this.#kept.delete(digest);
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64');
}
