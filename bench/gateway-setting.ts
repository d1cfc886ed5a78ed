import type { TokenAlgorithm } from './tokens.ts';

/** How a Slimgate that is measured differs from the others. */
export interface GatewaySetting {
  readonly algorithm: TokenAlgorithm;
  /** The content of the issuer's key file. */
  readonly verifyingKey: string;
  /** The most verified tokens that it remembers; 0: it verifies each time. */
  readonly rememberedTokens: number;
  /** Tenants with a statement each; above 1 they are put in place of the table of the file. */
  readonly tenants: number;
  /** Further statements of the first tenant, about other buckets. */
  readonly statements: number;
  /** In its journal before it starts. */
  readonly journalRecords: number;
  /** Whether a bucket's state is read before a change: what peers without a state never do. */
  readonly readBefore: 'always' | 'never';
  readonly logLevel: 'info' | 'silent';
}

/** But for the key. */
export const PLAIN_SETTING: Omit<GatewaySetting, 'verifyingKey'> = {
  algorithm: 'HS256',
  rememberedTokens: 10_000,
  tenants: 1,
  statements: 0,
  journalRecords: 0,
  readBefore: 'never',
  logLevel: 'info',
};
