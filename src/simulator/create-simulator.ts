import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Answer, answerRequest } from './answer-request.ts';
import { openBucketStates } from './bucket-states.ts';
import { keyHolders, type LocalCloud } from './local-cloud.ts';
import type { ReceivedRequest } from './read-request.ts';
import { serveHttp } from './serve-http.ts';
import type { SlimSetting } from './slim-setting.ts';
import { openWitness, type WitnessEntry } from './witness.ts';

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
 * Start a local Cloud Infinite: a stand-in for the bucket setting `?image-slim`, written from the
 * documentation alone.
 * @throws ConfigurationError when the state directory holds something else
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { cloud, stateDirectory, host = '127.0.0.1', port = 0 } = options;
  const { now = () => new Date(), strict = false } = options;
  const states = await openBucketStates(join(stateDirectory, 'buckets'), cloud.buckets);
  const witness = openWitness(join(stateDirectory, 'witness.jsonl'));
  const parts = {
    keys: keyHolders(cloud),
    buckets: cloud.buckets,
    states,
    witness,
    now,
    nextRequestId: requestIds(now),
    isStrict: strict,
  };
  const answering = new Set<Promise<Answer>>();
  const answer = (received: ReceivedRequest) => {
    const answered = answerRequest(received, parts);
    answering.add(answered);
    return answered.finally(() => answering.delete(answered));
  };
  const service = await serveHttp({ host, port }, answer);
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
      await Promise.all(answering);
      await states.settled();
      witness.close();
    },
  };
}

/** Like the service's own: base64 of a time in hex, a mark of the server, and a number. */
function requestIds(now: () => Date): () => string {
  const mark = randomBytes(4).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    const time = Math.floor(now().getTime() / 1000).toString(16);
    return Buffer.from(`${time}_${mark}_${count.toString(16)}`).toString('base64');
  };
}
