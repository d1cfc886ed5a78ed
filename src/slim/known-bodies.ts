import { hash } from 'node:crypto';
import { parseConfiguration } from './parse-configuration.ts';
import { rememberByBytes } from './remember-by-bytes.ts';
import type { SlimConfiguration } from './slim-configuration.ts';

/** A tenant's body: its digest, and what it means. */
export interface KnownBody {
  /** Of the raw bytes, in hex. */
  readonly sha256: string;
  /** @throws GatewayError as parseConfiguration does */
  configuration(): SlimConfiguration;
}

export type KnownBodies = (body: Buffer) => KnownBody;

/** Few texts say one of the 15 configurations, and callers send the same ones again and again. */
const BOUNDS = { entries: 1024, bytes: 128 };

/** Read bodies, and remember the valid ones by their bytes. */
export function rememberBodies(): KnownBodies {
  const valid = rememberByBytes((body) => {
    const configuration = parseConfiguration(body);
    return { sha256: hash('sha256', body), configuration: () => configuration };
  }, BOUNDS);
  return function readBody(body) {
    try {
      return valid(body);
    } catch (error) {
      const refuse = () => {
        throw error;
      };
      return { sha256: hash('sha256', body), configuration: refuse };
    }
  };
}
