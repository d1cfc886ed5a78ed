import { hash } from 'node:crypto';
import { parseConfiguration } from './parse-configuration.ts';
import type { SlimConfiguration } from './slim-configuration.ts';

/** A body that was read, and what it means. */
export interface KnownBody {
  /** Of the raw bytes, in hex. */
  readonly sha256: string;
  /** @throws GatewayError as parseConfiguration does */
  readonly configuration: () => SlimConfiguration;
}

export type KnownBodies = (body: Buffer) => KnownBody;

const MAX_REMEMBERED = 1024;
const MAX_REMEMBERED_BYTES = 128;

/**
 * Read bodies, and remember the valid ones by their bytes: few texts say one of the 15
 * configurations, and callers send the same ones again and again.
 */
export function rememberBodies(): KnownBodies {
  const remembered = new Map<string, KnownBody>();

  function remember(text: string, known: KnownBody): void {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(text, known);
  }

  return function readBody(body) {
    // Each byte is one character: equal texts are equal bytes.
    const text = body.length <= MAX_REMEMBERED_BYTES ? body.toString('latin1') : null;
    const known = text === null ? undefined : remembered.get(text);
    if (known !== undefined) return known;
    const sha256 = hash('sha256', body);
    return {
      sha256,
      configuration() {
        const configuration = parseConfiguration(body);
        if (text !== null) remember(text, { sha256, configuration: () => configuration });
        return configuration;
      },
    };
  };
}
