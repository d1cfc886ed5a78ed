import type { SubAccounts } from './accounts/sub-account.ts';
import { createGate, type Gate } from './admission/gate.ts';
import { type Limits, sourceLimits, tenantLimits } from './admission/limits.ts';
import { createLines, type Lines } from './admission/lines.ts';
import { createSourceAddresses, type SourceAddresses } from './admission/source-address.ts';
import { askState } from './ask-state.ts';
import type { Journal } from './audit/journal.ts';
import {
  createLimitedRequestCounter,
  type LimitedRequestCounter,
} from './audit/limited-requests.ts';
import { createRefusalBudget, type RefusalBudget } from './audit/refusal-budget.ts';
import type { Configuration } from './config/load.ts';
import type { Settings } from './config/schema.ts';
import {
  followJournal,
  type JournalFollowers,
  journalDirectory,
  openAuditJournal,
} from './follow-journal.ts';
import type { RevocationList } from './identity/revocation-list.ts';
import { createTokenVerifier, type TokenVerifier } from './identity/token-verifier.ts';
import { openPolicyTable } from './open-policy-table.ts';
import { openRevocationList } from './open-revocation-list.ts';
import { logKeys, openSubAccounts } from './open-sub-accounts.ts';
import { openUpstream, placeOf, type UpstreamPlace } from './open-upstream.ts';
import { type Logger, operatorsLog } from './operators-log.ts';
import type { KnownSubAccounts } from './policy/plan-change.ts';
import type { TableInForce } from './policy/table-in-force.ts';
import { createSigner, type Signer } from './signing/sign-request.ts';
import { type KnownBodies, rememberBodies } from './slim/known-bodies.ts';
import { rememberByBytes } from './slim/remember-by-bytes.ts';
import { type ToldState, toldStateOf } from './slim/xml-to-json.ts';
import { closeDatabase, type Database, openDatabase } from './store/database.ts';
import { type PolicyVersions, policyVersions } from './store/policy-versions.ts';
import { type Revocations, revocations } from './store/revocations.ts';
import type { SqlConnection } from './store/sql-connection.ts';
import { createEndpoint, type Endpoint } from './upstream/endpoint.ts';
import { createDownloads, type Downloads } from './upstream/http-proxy-downloads.ts';
import type { Upstream } from './upstream/upstream.ts';
import { rememberUpstreamRequests, type UpstreamRequests } from './upstream/upstream-request.ts';

/** Refusals of strangers that are recorded in a second; the rest is counted. */
const RECORDED_REFUSALS_PER_SECOND = 10;

/** Sources and tenants whose rate is remembered: strangers can make up any number of sources. */
const MAX_SOURCES = 65_536;
const MAX_TENANTS = 16_384;

/** Everything a step may need; each step names the parts it takes. */
export interface Services extends JournalFollowers {
  readonly now: () => Date;
  readonly log: Logger;
  readonly limits: Settings['limits'];
  /** A socket on which nothing moves for so long is cut: longer than an answer takes. */
  readonly stalledSocketMs: number;
  readonly tokenVerifier: TokenVerifier;
  readonly endpoint: Endpoint;
  readonly policyTable: Pick<TableInForce, 'current' | 'status' | 'adopt' | 'close'>;
  readonly policyVersions: PolicyVersions;
  readonly knownBodies: KnownBodies;
  /** As the function itself, of documents that come again and again. */
  readonly toldStateOf: (xml: Buffer) => ToldState;
  readonly subAccounts: SubAccounts;
  /** What a table may name. */
  readonly knownSubAccounts: KnownSubAccounts;
  readonly sourceAddresses: SourceAddresses;
  readonly sourceGate: Gate;
  readonly tenantGate: Gate;
  /** What a source may ask for, and a tenant that has no limits of its own. */
  readonly sourceLimits: Limits;
  readonly tenantLimits: Limits;
  readonly upstreamRequestFor: UpstreamRequests;
  readonly signRequest: Signer;
  readonly database: Database;
  readonly revocations: Revocations;
  readonly revocationList: RevocationList;
  readonly lines: Lines;
  /** How long a change that was given up is held to be still on its way. */
  readonly settleMs: number;
  readonly stateSettings: Settings['state'];
  readonly journal: Journal;
  readonly refusalBudget: RefusalBudget;
  readonly limitedRequests: LimitedRequestCounter;
  readonly upstream: Upstream;
  readonly savings: Settings['savings'];
  readonly downloads: Downloads;
}

/** What a caller of createServices may put in place of its own. */
export interface ServiceOptions extends UpstreamPlace {
  readonly now?: () => Date;
  readonly log?: Logger;
  /** Milliseconds of a clock that is never set. */
  readonly elapsedMs?: () => number;
  /** Opened already; it is closed with the services. */
  readonly database?: Database;
  /** Where that is left out: SQLite, whose opening has begun already. */
  readonly sqlite?: Promise<SqlConnection> | undefined;
}

/**
 * Make all parts and join them: the one place where they meet, and where the clock is read.
 * The journal is opened last, because only it leaves a trace each time.
 * @throws ConfigurationError when keys, table or journal are not fit
 */
export async function createServices(
  configuration: Configuration,
  options: ServiceOptions = {},
): Promise<Services> {
  const { settings, issuers, stateDirectory } = configuration;
  const { now = () => new Date(), log = operatorsLog(settings.logLevel) } = options;
  const { elapsedMs = () => performance.now() } = options;

  const tokenVerifier = createTokenVerifier(issuers, {
    ...settings.identity,
    isRevoked: (tenant) => revocationList.isRevoked(tenant),
  });
  const names = new Set(configuration.subAccounts.map(({ name }) => name));
  await using opened = new AsyncDisposableStack();
  const database = opened.adopt(
    options.database ??
      (await openDatabase({
        url: configuration.databaseUrl,
        stateDirectory,
        begun: options.sqlite,
      })),
    closeDatabase,
  );
  const revocationList = opened.adopt(
    await openRevocationList(database, {
      settings: settings.policy,
      now,
      elapsedMs,
      onChange: (status) => {
        const isWell = status.problem === null && !status.isStale;
        log[isWell ? 'info' : 'error']({ revocations: status }, 'what is revoked has changed');
      },
    }),
    (list) => list.close(),
  );
  const parts = { database, now, log, elapsedMs };
  const journal = opened.adopt(await openAuditJournal(configuration, parts), (one) => one.close());
  const policyTable = await openPolicyTable(configuration, { ...parts, journal });
  opened.defer(() => policyTable.close());
  await tokenVerifier.open({
    now,
    onChange: (keys) => {
      const isWell = keys.state === 'fresh' && keys.ignored.length === 0;
      log[isWell ? 'info' : 'warn']({ keys }, 'the keys of an issuer have changed');
    },
  });
  const subAccounts = await openSubAccounts(configuration, {
    now,
    connect: options.connect,
    onChange: (status) => logKeys(log, status),
  });
  // From here on nothing fails: they are the services' now.
  opened.move();
  const calling = {
    now,
    endpoint: createEndpoint(settings.upstream),
    subAccounts,
    signRequest: createSigner(settings.upstream),
    upstream: openUpstream(settings.upstream, { ...options, now, log }),
  };
  const followers = followJournal({
    journal,
    directory: journalDirectory(stateDirectory),
    database,
    log,
    ask: (outcome) => askState(outcome, calling),
    settleMs: settings.upstream.settleMs,
  });
  return {
    ...calling,
    ...followers,
    log,
    limits: settings.limits,
    stalledSocketMs: longestStillMs(settings),
    tokenVerifier,
    policyTable,
    policyVersions: policyVersions(database),
    knownBodies: rememberBodies(),
    toldStateOf: rememberByBytes(toldStateOf, { entries: 1024, bytes: 1024 }),
    knownSubAccounts: { names, find: subAccounts.find },
    sourceAddresses: createSourceAddresses(settings.listen.trustedProxies),
    sourceGate: createGate({ now, maxKeys: MAX_SOURCES }),
    tenantGate: createGate({ now, maxKeys: MAX_TENANTS }),
    sourceLimits: sourceLimits(settings.limits),
    tenantLimits: tenantLimits(settings.limits),
    upstreamRequestFor: rememberUpstreamRequests(),
    database,
    revocations: revocations(database),
    revocationList,
    lines: createLines({
      ...settings.limits,
      ...settings.upstream,
      downloads: settings.savings.downloads,
      downloadWaitMs: settings.savings.timeoutMs,
    }),
    settleMs: settings.upstream.settleMs,
    stateSettings: settings.state,
    journal,
    refusalBudget: createRefusalBudget({ perSecond: RECORDED_REFUSALS_PER_SECOND, now }),
    limitedRequests: createLimitedRequestCounter({
      now,
      note: (counted) => journal.note({ kind: 'requests-limited', ...counted }),
    }),
    savings: settings.savings,
    downloads: createDownloads({
      ...placeOf(settings.upstream, options),
      idleSocketMs: settings.upstream.idleSocketMs,
      idleSockets: settings.savings.objectsAtATime,
    }),
  };
}

/** How long nothing moves on a socket whose request waits for two turns and then for its answer. */
function longestStillMs({ limits, upstream, savings }: Settings): number {
  const callMs = Math.max(upstream.timeoutMs, savings.timeoutMs);
  return limits.stalledSocketMs + 2 * limits.turnWaitMs + callMs;
}

/** Close what holds on to something: connections first, the journal's last record last. */
export async function closeServices(services: Services): Promise<void> {
  const { upstream, downloads, subAccounts, tokenVerifier, revocationList, policyTable } = services;
  const { resolver, indexer, database, limitedRequests, journal } = services;
  await resolver.close();
  upstream.close();
  downloads.close();
  subAccounts.close();
  tokenVerifier.close();
  limitedRequests.flush();
  await indexer.close();
  try {
    await revocationList.close();
    await policyTable.close();
    await closeDatabase(database);
  } finally {
    await journal.close();
  }
}
