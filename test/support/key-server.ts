import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { IssuerSettings, KeySetSettings } from '../../src/identity/issuer-settings.ts';
import { listenOn } from './listen-on.ts';

/** A key pair of an issuer, with the name it is published under. */
export interface IssuerKeyPair {
  readonly kid: string;
  readonly algorithm: 'ES256' | 'RS256';
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function ecKey(kid: string): IssuerKeyPair {
  return { kid, algorithm: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

export function rsaKey(kid: string): IssuerKeyPair {
  return { kid, algorithm: 'RS256', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

/** A key as it stands in a key set. */
export function publishedKey({ kid, algorithm, publicKey }: IssuerKeyPair): object {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
}

export function keySetText(...keys: readonly IssuerKeyPair[]): string {
  return JSON.stringify({ keys: keys.map(publishedKey) });
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Sign any claims with one key of an issuer. */
export function signedBy(key: IssuerKeyPair, claims: object, header: object = {}): string {
  const input = `${base64url({ alg: key.algorithm, kid: key.kid, ...header })}.${base64url(claims)}`;
  // The encoding concerns ECDSA alone.
  const signer = { key: key.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${input}.${sign('sha256', Buffer.from(input), signer).toString('base64url')}`;
}

export interface KeyServer {
  readonly origin: string;
  /** The paths that were asked for, oldest first. */
  readonly asked: string[];
  /** What it answers with; to be replaced at any time. */
  answer: RequestListener;
}

/** A server that publishes keys, until the test has ended. */
export async function startKeyServer(
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<KeyServer> {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    server.asked.push(request.url ?? '');
    server.answer(request, response);
  };
  const listening = tls ? https.createServer(tls, listener) : http.createServer(listener);
  const { port } = await listenOn(listening);
  const server: KeyServer = {
    origin: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    asked: [],
    answer: (_, response) => void response.writeHead(404).end(),
  };
  return server;
}

/** An answer in JSON, as an honest server gives it. */
export function json(text: string): RequestListener {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(text);
  };
}

/** Short bounds, so that a test sees their end. */
export function keySetAt(url: string, changes: Partial<KeySetSettings> = {}): KeySetSettings {
  return {
    place: { from: 'url', url },
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    refreshSeconds: 3600,
    cooldownSeconds: 10,
    staleSeconds: 60,
    timeoutMs: 2_000,
    maxBytes: 65_536,
    allowHttp: false,
    caFile: null,
    bearerTokenFile: null,
    ...changes,
  };
}

/** An issuer with published keys. */
export function issuerWithKeySet(
  keySet: KeySetSettings,
  changes: Partial<IssuerSettings> = {},
): IssuerSettings {
  return {
    issuer: 'https://issuer.test',
    audiences: ['slimgate'],
    tenantClaim: 'sub',
    tenants: null,
    isDevelopment: false,
    keys: [],
    keySet,
    ...changes,
  };
}
