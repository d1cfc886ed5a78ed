import { z } from 'zod';
import { appIdOf } from '../bucket-address.ts';
import type { BucketPlace } from '../bucket-registry.ts';
import { type Bucket, bucketSchema } from '../local-cloud.ts';
import { NEVER_SET, slimSettingSchema } from '../slim-setting.ts';
import type { ControlCall, ControlParts, ControlResult } from './control-call.ts';
import { ControlProblem, readValue } from './control-problem.ts';

const placeSchema = bucketSchema.pick({ name: true, region: true });
const bodySchema = z
  .strictObject({ bound: z.boolean().optional(), slim: slimSettingSchema.optional() })
  .default({});

/** Every bucket with its setting, and how many objects it has. */
export function listBuckets({ parts }: ControlCall): ControlResult {
  return { status: 200, json: parts.buckets.list().map((bucket) => shown(bucket, parts)) };
}

/**
 * Make a bucket, or change one: what isn't given stays as it is, or is bound and never set.
 * @throws ControlProblem
 */
export async function putBucket(call: ControlCall): Promise<ControlResult> {
  const { parts, given } = call;
  const place = placeOf(call);
  const { bound, slim } = readValue(bodySchema, given, 'a bucket');
  const existing = parts.buckets.find(place);
  if (!parts.cloud.accounts.some(({ appId }) => appId === appIdOf(place.name))) {
    const appIds = parts.cloud.accounts.map(({ appId }) => appId).join(', ');
    throw new ControlProblem(422, 'the bucket belongs to no account here', [
      `name: must end with the APPID of an account: ${appIds}`,
    ]);
  }
  const bucket = { ...place, bound: bound ?? existing?.bound ?? true };
  const setting = slim ?? (existing === undefined ? NEVER_SET : undefined);
  // The setting first: a bucket that can be found has one.
  if (setting !== undefined) await parts.states.set(place, setting);
  await parts.buckets.put(bucket);
  return { status: existing === undefined ? 201 : 200, json: shown(bucket, parts) };
}

/**
 * Remove a bucket with all that is in it.
 * @throws ControlProblem
 */
export async function deleteBucket(call: ControlCall): Promise<ControlResult> {
  const { parts } = call;
  const place = placeOf(call);
  if (parts.buckets.find(place) === undefined) {
    throw new ControlProblem(404, 'there is no such bucket', [
      'name, region: those of a bucket that GET /_control/buckets lists',
    ]);
  }
  await parts.buckets.remove(place);
  await emptyBucket(place, parts);
  return { status: 204 };
}

/**
 * Everything as the cloud's document has it: buckets, settings, misbehaviour, and no objects. What
 * was seen and issued stays.
 */
export async function resetCloud({ parts }: ControlCall): Promise<ControlResult> {
  const { buckets, cloud, misbehaviours, states } = parts;
  misbehaviours.replace(cloud.misbehaviour);
  for (const bucket of buckets.list()) await emptyBucket(bucket, parts);
  for (const bucket of cloud.buckets) await states.set(bucket, bucket.slim ?? NEVER_SET);
  await buckets.reset();
  return { status: 204 };
}

function placeOf({ name, query }: ControlCall): BucketPlace {
  return readValue(placeSchema, { name, region: query.get('region') ?? '' }, 'a bucket’s place');
}

async function emptyBucket(place: BucketPlace, { objects, states }: ControlParts): Promise<void> {
  const { name: bucket, region } = place;
  for (const { key } of objects.list({ bucket, region })) {
    await objects.remove({ bucket, region, key });
  }
  await states.remove(place);
}

function shown({ name, region, bound }: Bucket, { states, objects }: ControlParts) {
  const slim = states.get({ name, region }) ?? NEVER_SET;
  return { name, region, bound, slim, objects: objects.list({ bucket: name, region }).length };
}
