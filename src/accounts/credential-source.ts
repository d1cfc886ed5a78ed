import type { IssuedCredentials } from './credentials.ts';

/** A place that keys come from. */
export interface CredentialSource {
  /** For people, like `sts`. */
  readonly name: string;
  /** Keys that are there before anything is fetched. */
  readonly first: IssuedCredentials | null;
  /** How often to look for others; null: when those there are about to expire, if ever. */
  readonly pollMs: number | null;
  /** The keys as they are now. @throws CredentialProblem */
  fetch(): Promise<IssuedCredentials>;
  close(): void;
}

/**
 * Why there are no keys, or no new ones: for the operator's log and the readiness answer, so it
 * never holds anything of a key or of a foreign text.
 */
export class CredentialProblem extends Error {
  override readonly name = 'CredentialProblem';
}
