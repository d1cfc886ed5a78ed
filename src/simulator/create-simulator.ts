import type { LocalCloud } from './local-cloud.ts';
import { openCloud } from './open-cloud.ts';
import { serveHttp } from './serve-http.ts';
import type { SlimSetting } from './slim-setting.ts';
import type { WitnessEntry } from './witness.ts';

export interface SimulatorOptions {
  readonly cloud: LocalCloud;
  /** Made when it isn't there; belongs to one simulator at a time. */
  readonly stateDirectory: string;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  readonly now?: () => Date;
  /**
   * Whether to refuse signatures that leave host, query parameters, a security token or, of a PUT,
   * Content-Type, Content-Length and Content-MD5 uncovered, which the real service takes.
   */
  readonly strict?: boolean;
  /** Whether a request may order a misbehaviour with `x-slimgate-misbehave`; default no. */
  readonly testMode?: boolean;
  /** Whether to answer the control API, to this machine alone; default no. */
  readonly control?: boolean;
}

/** A running local Cloud Infinite. */
export interface Simulator {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** What was received in this run, oldest first; see Witness. */
  received(): readonly WitnessEntry[];
  /** The setting of a bucket; undefined when there is no such bucket. */
  stateOf(bucket: string, region: string): SlimSetting | undefined;
  /**
   * Change a bucket behind everybody's back.
   * @throws RangeError when there is no such bucket
   */
  setState(bucket: string, region: string, setting: SlimSetting): Promise<void>;
  close(): Promise<void>;
}

/**
 * Start a local Cloud Infinite: a stand-in for the bucket setting `?image-slim`, for objects and
 * their compression, and for STS, written from the documentation alone.
 * @throws ConfigurationError when the state directory holds something else
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { cloud, stateDirectory, host = '127.0.0.1', port = 0 } = options;
  const { now = () => new Date(), strict: isStrict = false } = options;
  const { testMode: isTestMode = false, control: isControlled = false } = options;
  const opened = await openCloud({
    ...{ cloud, stateDirectory, now },
    ...{ isStrict, isTestMode, isControlled },
  });
  const service = await serveHttp({ host, port }, opened.answer).catch(async (error: unknown) => {
    await opened.close();
    throw error;
  });
  const { states, witness } = opened.parts;
  return {
    host,
    port: service.port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${service.port}`,
    received: () => witness.received(),
    stateOf: (name, region) => states.get({ name, region }),
    async setState(name, region, setting) {
      if (states.get({ name, region }) === undefined) throw new RangeError('no such bucket');
      await states.set({ name, region }, setting);
    },
    async close() {
      await service.close();
      await opened.close();
    },
  };
}
