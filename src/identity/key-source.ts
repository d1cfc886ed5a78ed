import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { fetchDocument } from './fetch-document.ts';
import type { KeySetPlace, KeySetSettings } from './issuer-settings.ts';
import { parseJson } from './key-set.ts';
import { KeySourceError } from './key-source-error.ts';

/** Read an issuer's key set anew. Rejects with a KeySourceError. */
export type ReadKeySet = (signal: AbortSignal) => Promise<Uint8Array>;

interface Source {
  /** The issuer's own name. */
  readonly issuer: string;
  readonly settings: KeySetSettings;
  readonly signal: AbortSignal;
}

/** How to read the key set of an issuer, wherever it is. */
export function keySetReader(issuer: string, settings: KeySetSettings): ReadKeySet {
  const { place } = settings;
  return (signal) => {
    const source = { issuer, settings, signal };
    switch (place.from) {
      case 'file':
        return readBounded(place.file, settings.maxBytes);
      case 'url':
        return fetchFrom(place.url, place.url, source);
      case 'discovery':
        return discover(place, source);
    }
  };
}

/**
 * What is wrong with an address that keys shall come from; null: nothing.
 * @param allowHttp whether plain http may be used beyond the loopback addresses
 */
export function problemOfUrl(text: string, allowHttp: boolean): string | null {
  const url = URL.parse(text);
  if (url === null) return 'is not a URL';
  if (url.username !== '' || url.password !== '') return 'must not have a user or a password';
  if (url.protocol === 'https:') return null;
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'http:' && (isLoopback || allowHttp) ? null : 'must be https';
}

/** Source: OpenID Connect Discovery 1.0, section 4. */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

const discoveryShape = z.looseObject({ issuer: z.string(), jwks_uri: z.string() });

async function discover(
  { jwksUrl }: Extract<KeySetPlace, { from: 'discovery' }>,
  source: Source,
): Promise<Uint8Array> {
  const home = discoveryUrl(source.issuer);
  const parsed = discoveryShape.safeParse(parseJson(await fetchFrom(home, home, source)));
  if (!parsed.success) throw new KeySourceError('it is not a discovery document');
  // INVARIANT: who speaks for another issuer must not name the keys of this one (section 4.3).
  if (parsed.data.issuer !== source.issuer) {
    throw new KeySourceError('the discovery document is another issuer’s');
  }
  return fetchFrom(jwksUrl ?? parsed.data.jwks_uri, home, source);
}

/** @param home the bearer token is sent to its origin alone */
async function fetchFrom(url: string, home: string, source: Source): Promise<Uint8Array> {
  const { caFile, bearerTokenFile, allowHttp, timeoutMs, maxBytes } = source.settings;
  const problem = problemOfUrl(url, allowHttp);
  if (problem !== null) throw new KeySourceError(`the key set’s address ${problem}`);
  const isHome = new URL(url).origin === new URL(home).origin;
  return fetchDocument(new URL(url), {
    ca: caFile === null ? undefined : await textOf(caFile, maxBytes),
    bearerToken: isHome && bearerTokenFile ? await textOf(bearerTokenFile, maxBytes) : null,
    timeoutMs,
    maxBytes,
    signal: source.signal,
  });
}

async function textOf(file: string, maxBytes: number): Promise<string> {
  return Buffer.from(await readBounded(file, maxBytes))
    .toString('utf8')
    .trim();
}

async function readBounded(file: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) throw new KeySourceError(`the file is longer than ${maxBytes} bytes`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof KeySourceError) throw error;
    throw new KeySourceError(`the file cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
