import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { type Command, InvalidArgumentError } from 'commander';
import { type Configuration, loadConfiguration } from '../config/load.ts';
import { GatewayError } from '../errors.ts';
import { openSubAccounts, stsEndpoint } from '../open-sub-accounts.ts';
import { openTransport, type UpstreamPlace } from '../open-upstream.ts';
import { createSigner } from '../signing/sign-request.ts';
import { parseLocalCloud } from '../simulator/local-cloud.ts';
import { createEndpoint } from '../upstream/endpoint.ts';
import { configurationProblems } from './config.ts';
import { type ConfigurationOption, withConfiguration } from './configuration-option.ts';
import { checkDatabase } from './doctor/database.ts';
import { type Finding, fail, ok, warn } from './doctor/finding.ts';
import { checkIssuers } from './doctor/issuers.ts';
import { checkKeys } from './doctor/keys.ts';
import { checkStateDirectory } from './doctor/state-directory.ts';
import { checkTls } from './doctor/tls.ts';
import { checkUpstream, type ProbedBucket } from './doctor/upstream.ts';

/** A bucket as it is named to the doctor. */
interface NamedBucket {
  readonly region: string;
  readonly name: string;
}

interface DoctorOptions extends ConfigurationOption {
  readonly bucket?: NamedBucket;
  readonly json: boolean;
}

/** The verb that looks at everything a gateway needs, and says what to do. */
export function addDoctor(command: Command): void {
  withConfiguration(command)
    .option('--bucket <region/name>', 'a bucket whose setting is read with its keys', bucketOf)
    .option('--json', 'the findings as JSON', false)
    .action(examine);
}

function bucketOf(text: string): NamedBucket {
  const [, region, name] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(text) ?? [];
  if (region !== undefined && name !== undefined) return { region, name };
  throw new InvalidArgumentError('It looks like `ap-shanghai/examplebucket-1250000000`.');
}

async function examine({ config, bucket, json }: DoctorOptions): Promise<void> {
  const findings = await findingsOf(config, bucket ?? null);
  process.stdout.write(
    json ? `${JSON.stringify(findings, null, 2)}\n` : findings.map(lineOf).join(''),
  );
  if (findings.some(({ verdict }) => verdict === 'fail')) process.exitCode = 1;
}

function lineOf({ check, verdict, seen, remedy }: Finding): string {
  const line = `${verdict.padEnd(4)}  ${check}: ${seen}\n`;
  return remedy === null ? line : `${line}      ${remedy}\n`;
}

/** Without a good configuration there is nothing to look at but the configuration. */
async function findingsOf(file: string, named: NamedBucket | null): Promise<readonly Finding[]> {
  const problems = configurationProblems(file);
  if (problems.length > 0) {
    return problems.map((problem) => fail('configuration', problem, 'correct it, and ask again'));
  }
  const configuration = loadConfiguration(file, process.env);
  const now = () => new Date();
  const found = await Promise.all([
    [ok('configuration', `${file} is valid`)],
    checkStateDirectory(configuration.stateDirectory),
    [await checkDatabase(configuration)],
    checkIssuers(configuration, now),
    checkOutside(configuration, named, now),
  ]);
  return unique(found.flat());
}

/** The clock is compared at every host: the same line need not be read twice. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [lineOf(finding), finding])).values()];
}

/** Everything that is asked of the cloud. */
async function checkOutside(
  configuration: Configuration,
  named: NamedBucket | null,
  now: () => Date,
): Promise<readonly Finding[]> {
  const { settings } = configuration;
  const connect = placeOf(configuration);
  if (connect !== undefined && settings.simulator?.embedded && !(await isListening(connect))) {
    const seen = `nothing listens at ${connect.host}:${connect.port}, so nothing of it was asked`;
    return [warn('local Cloud Infinite', seen, 'start the gateway that it is part of')];
  }
  const subAccounts = await openSubAccounts(configuration, { now, connect });
  const transport = openTransport(settings.upstream, connect ? { connect } : {});
  try {
    const bucket = probedBucket(configuration, named);
    const { timeoutMs } = settings.upstream;
    const signRequest = createSigner(settings.upstream);
    const sts = stsEndpoint(settings, connect);
    const hosts = connect ? [] : [sts.host, ...('host' in bucket ? [bucket.host] : [])];
    const parts = { subAccounts, transport, signRequest, timeoutMs, now };
    const found = await Promise.all([
      connect ? [ok('TLS', `none: ${connect.host}:${connect.port} is asked over plain http`)] : [],
      ...hosts.map(async (host) => [await checkTls(host, { timeoutMs, now })]),
      checkKeys({ subAccounts, sts, now }),
      'host' in bucket ? checkUpstream(bucket, parts) : [bucket],
    ]);
    return found.flat();
  } finally {
    subAccounts.close();
    transport.close();
  }
}

async function isListening(place: { readonly host: string; readonly port: number }) {
  const socket = connectTo(place);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The embedded local Cloud Infinite is where its settings say, while a gateway runs. */
function placeOf({ settings }: Configuration): UpstreamPlace['connect'] | undefined {
  const { upstream, simulator } = settings;
  if (upstream.connect !== undefined) return upstream.connect;
  return simulator?.embedded ? { host: simulator.host, port: simulator.port } : undefined;
}

/** The bucket that was named, or one of the embedded local Cloud Infinite; or that there is none. */
function probedBucket(
  { settings, localCloudText }: Configuration,
  named: NamedBucket | null,
): ProbedBucket | Finding {
  const local = localCloudText === null ? undefined : parseLocalCloud(localCloudText).buckets[0];
  const bucket = named ?? local;
  if (bucket === undefined) {
    return warn(
      'bucket',
      'none was named, so none was asked about',
      'name one: --bucket REGION/NAME',
    );
  }
  const endpoint = createEndpoint(settings.upstream);
  try {
    const target = endpoint.parseTarget(bucket.region, bucket.name);
    return { target, host: target.host };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return fail('bucket', error.detail, 'correct --bucket REGION/NAME');
  }
}
