import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AsideParts, answerAside } from './answer-aside.ts';
import { type ArrivingRequest, answerRequest } from './answer-request.ts';
import { openBucketRegistry } from './bucket-registry.ts';
import { openBucketStates } from './bucket-states.ts';
import { createCompressor } from './compression/compress-image.ts';
import { answerControl } from './control/answer-control.ts';
import type { ControlParts } from './control/control-call.ts';
import type { LocalCloud } from './local-cloud.ts';
import { createMetadata } from './metadata/answer-metadata.ts';
import { answerOrMisbehave, type MisbehavingParts } from './misbehaviour/misbehave.ts';
import { createMisbehaviours } from './misbehaviour/misbehaviours.ts';
import { openObjectStore } from './objects/object-store.ts';
import { createSts } from './sts/answer-sts.ts';
import { keyRing, openTemporaryKeys } from './sts/temporary-keys.ts';
import { openWitness } from './witness.ts';
import type { Answer } from './write-answer.ts';

/** What a cloud is made of. */
export interface CloudOptions {
  readonly cloud: LocalCloud;
  readonly stateDirectory: string;
  readonly now: () => Date;
  readonly isStrict: boolean;
  readonly isTestMode: boolean;
  readonly isControlled: boolean;
}

/** A cloud that is ready to be asked. */
export interface OpenCloud {
  readonly parts: MisbehavingParts & AsideParts & ControlParts;
  /** Never rejects. */
  answer(arriving: ArrivingRequest): Promise<Answer>;
  /** Lets what is being answered finish, except for pictures: those are given up. */
  close(): Promise<void>;
}

/**
 * Open everything that is kept in a state directory, which is made when it isn't there.
 * @throws ConfigurationError when something else is there
 */
export async function openCloud(options: CloudOptions): Promise<OpenCloud> {
  const { cloud, stateDirectory, now, isStrict, isTestMode, isControlled } = options;
  const place = (name: string) => join(stateDirectory, name);
  await mkdir(stateDirectory, { recursive: true });
  const buckets = await openBucketRegistry(stateDirectory, cloud.buckets);
  const states = await openBucketStates(place('buckets'), buckets.list());
  const objects = await openObjectStore(place('objects'));
  const compressor = createCompressor({ cacheDirectory: place('slim-cache') });
  const temporaryKeys = openTemporaryKeys(place('temporary-keys.jsonl'), { cloud, now });
  const witness = openWitness(place('witness.jsonl'));
  const issuing = { cloud, temporaryKeys, now };
  const parts = {
    ...{ states, objects, compressor, witness, now, cloud, buckets },
    ...{ isStrict, isTestMode, isControlled },
    keys: keyRing(cloud, temporaryKeys),
    misbehaviours: createMisbehaviours(cloud.misbehaviour, now),
    nextRequestId: requestIds(now),
    sts: createSts(issuing),
    metadata: createMetadata(issuing),
  };
  const answering = new Set<Promise<Answer>>();
  return {
    parts,
    answer(arriving) {
      const answered = answerAll(arriving, parts);
      answering.add(answered);
      return answered.finally(() => answering.delete(answered));
    },
    async close() {
      await compressor.close();
      await Promise.all(answering);
      await Promise.all([states.settled(), objects.settled(), buckets.settled()]);
      temporaryKeys.close();
      witness.close();
    },
  };
}

async function answerAll(arriving: ArrivingRequest, parts: OpenCloud['parts']): Promise<Answer> {
  const controlled = await answerControl(arriving, parts);
  return controlled ?? answerOrMisbehave(arriving, parts, answerAny);
}

async function answerAny(arriving: ArrivingRequest, parts: OpenCloud['parts']): Promise<Answer> {
  return (await answerAside(arriving, parts)) ?? (await answerRequest(arriving, parts));
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
