import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { printable } from '../audit/chain.ts';
import { ConfigurationError, GatewayError } from '../errors.ts';
import { parseCompactToken } from '../identity/compact-token.ts';
import type { RevocationKind } from '../identity/revocation.ts';
import { type AdminOptions, askAdmin, deleteAtAdmin } from './admin-client.ts';
import { withAdmin } from './admin-verb.ts';

/** What is revoked, as the admin API tells it. */
interface ShownRevocation {
  readonly id: string;
  readonly kind: RevocationKind;
  readonly issuer: string | null;
  readonly value: string;
  readonly until: string | null;
  readonly note: string;
  readonly author: string;
  readonly createdAt: string;
}

interface RevokeOptions extends AdminOptions {
  /** Never an argument: those are seen by everybody on the machine. */
  readonly file?: string;
  readonly tokenId?: string;
  readonly subject?: string;
  readonly tenant?: string;
  readonly issuer?: string;
  readonly until?: string;
  readonly note: string;
}

/** The verbs about what is revoked on a running gateway. */
export function addRevocationVerbs(token: Command): void {
  withAdmin(token.command('revoke'))
    .description('refuse a token, all of a subject, or all of a tenant, from now on')
    .option('--file <file>', 'the token itself, of which `jti` and `iss` are read')
    .option('--token-id <id>', 'the `jti` of a token, with --issuer')
    .option('--subject <name>', 'the `sub` of tokens, with --issuer')
    .option('--tenant <name>', 'a tenant, whichever issuer speaks for it')
    .option('--issuer <issuer>', 'the `iss` of the token or of the subject’s tokens')
    .option('--until <time>', 'when it ends, like 2030-01-01T00:00:00Z (default: never)')
    .option('--note <text>', 'why, for the list', '')
    .allowExcessArguments() // Refused here, because Commander would repeat them.
    .action((options: RevokeOptions, command: Command) => revoke(options, command));

  withAdmin(token.command('revocations'))
    .description('list what is revoked, oldest first')
    .action(printRevocations);

  withAdmin(token.command('lift'))
    .description('take back a revocation')
    .argument('<id>', 'its id')
    .action(lift);
}

async function revoke(options: RevokeOptions, command: Command): Promise<void> {
  if (command.args.length > 0) command.error('error: a token is not an argument: use --file');
  const { until, note, admin, tokenFile } = options;
  const what = { ...asked(options, command), note, ...(until !== undefined && { until }) };
  const made = await askAdmin<ShownRevocation>('/v1/revocations', { admin, tokenFile }, what);
  process.stdout.write(`revoked: ${lineOf(made)}\n`);
}

const KINDS = { tokenId: 'token', subject: 'subject', tenant: 'tenant' } as const;

/** What the options name: one of the four, and an issuer where it takes one. */
function asked({ file, issuer, ...options }: RevokeOptions, command: Command) {
  const named = (['tokenId', 'subject', 'tenant'] as const).flatMap((option) => {
    const value = options[option];
    return value === undefined ? [] : [{ kind: KINDS[option], value }];
  });
  const [one] = named;
  if (named.length + (file === undefined ? 0 : 1) !== 1) {
    return command.error('error: give one of --file, --token-id, --subject and --tenant');
  }
  const takesIssuer = one !== undefined && one.kind !== 'tenant';
  if (takesIssuer !== (issuer !== undefined)) {
    return command.error('error: --issuer goes with --token-id and --subject, and with them alone');
  }
  return one === undefined ? idOf(file ?? '') : { ...one, ...(issuer !== undefined && { issuer }) };
}

/** INVARIANT: of the token nothing but these two is told to anybody. */
function idOf(file: string) {
  const { jti, iss } = claimsOf(file);
  if (typeof jti === 'string' && typeof iss === 'string') {
    return { kind: 'token', value: jti, issuer: iss };
  }
  throw new ConfigurationError(`the token in ${file}`, [
    'it has no `jti` and `iss`, so that it cannot be revoked alone: revoke its subject or tenant',
  ]);
}

function claimsOf(file: string) {
  const text = readToken(file);
  try {
    return parseCompactToken(text).unverified;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new ConfigurationError(`the token in ${file}`, [error.detail]);
  }
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new ConfigurationError('no token', [`${file} cannot be read`]);
  }
}

async function printRevocations(options: AdminOptions): Promise<void> {
  const { revocations } = await askAdmin<{ revocations: ShownRevocation[] }>(
    '/v1/revocations',
    options,
  );
  for (const one of revocations) process.stdout.write(`${lineOf(one)}\n`);
}

async function lift(id: string, options: AdminOptions): Promise<void> {
  const path = `/v1/revocations/${encodeURIComponent(id)}`;
  process.stdout.write(`lifted: ${lineOf(await deleteAtAdmin<ShownRevocation>(path, options))}\n`);
}

function lineOf({ id, kind, issuer, value, until, ...made }: ShownRevocation): string {
  const whose = issuer === null ? '' : ` of ${issuer}`;
  const end = until === null ? 'for good' : `until ${until}`;
  const note = made.note === '' ? '' : `  ${made.note}`;
  return printable(
    `${id}  ${kind} ${value}${whose}  ${end}  ${made.author} ${made.createdAt}${note}`,
  );
}
