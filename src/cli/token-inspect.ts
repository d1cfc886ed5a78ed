import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { loadIssuers } from '../config/load.ts';
import { GatewayError } from '../errors.ts';
import { createTokenVerifier, type TokenVerifier } from '../identity/token-verifier.ts';
import { parseStrictJson } from '../strict-json.ts';
import type { ConfigurationOption } from './configuration-option.ts';

export interface InspectOptions extends ConfigurationOption {
  /** Never an argument: those are seen by everybody on the machine. */
  readonly file?: string;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Print what a token says and what this configuration makes of it, fetching keys as the gateway
 * would. INVARIANT: its signature is not printed, so that what is printed is no credential.
 */
export async function printInspection({ config, file }: InspectOptions): Promise<void> {
  const { settings, issuers } = loadIssuers(config, process.env);
  const verifier = createTokenVerifier(issuers, settings.identity);
  const bytes = file === undefined ? await buffer(process.stdin) : await readFile(file);
  await verifier.open({ now: () => new Date(), onChange: () => {} });
  try {
    const token = bytes.toString('utf8').trim();
    const verdict = await verdictOf(verifier, token);
    if (!verdict.accepted) process.exitCode = 1;
    const inspection = { ...verdict, ...statementsOf(token), issuers: verifier.status(new Date()) };
    process.stdout.write(`${printed(inspection)}\n`);
  } finally {
    verifier.close();
  }
}

async function verdictOf(verifier: TokenVerifier, token: string) {
  try {
    const { claims, ...tenant } = await verifier.verify(token, new Date());
    return { accepted: true, tenant };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { accepted: false, refusal: { code: error.code, detail: error.detail } };
  }
}

/** What a token states, believed or not; null where there is nothing to be read. */
function statementsOf(token: string) {
  const [header, claims] = token.split('.').map(membersOf);
  const times = ['iat', 'nbf', 'exp'].map((name) => [name, timeOf(claims?.[name])]);
  return { header: header ?? null, claims: claims ?? null, times: Object.fromEntries(times) };
}

function membersOf(part: string): Members | null {
  try {
    const value = parseStrictJson(Buffer.from(part, 'base64url'));
    return typeof value === 'object' ? (value as Members | null) : null;
  } catch {
    return null;
  }
}

function timeOf(seconds: unknown): string | null {
  const time = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** JSON in plain ASCII: a terminal shows anything else as whoever made the token likes. */
function printed(value: object): string {
  return JSON.stringify(value, null, 2).replace(
    /[^\n -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
