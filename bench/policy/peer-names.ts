import { APP_ID, type Asked } from './world.ts';

/** A resource pattern as one text with stars: an empty segment means all. */
export function resourceText(resource: string): string {
  return resource.replace('qcs::ci::', 'qcs::ci:*:');
}

/** The name that a peer compares with such a text. */
export function fullName({ region, bucket }: Asked): string {
  return `qcs::ci:${region}:uid/${APP_ID}:bucket/${bucket}/`;
}
