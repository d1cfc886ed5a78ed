import type { ObjectPlace, StoredObject } from './stored-object.ts';

type BucketPlace = Omit<ObjectPlace, 'key'>;

/** Objects by place, and in order by bucket. */
export interface ObjectIndex {
  get(place: ObjectPlace): StoredObject | undefined;
  /** @returns what it replaces */
  put(object: StoredObject): StoredObject | undefined;
  /** @returns what was removed */
  remove(place: ObjectPlace): StoredObject | undefined;
  /** In the order of their keys' bytes. */
  list(bucket: BucketPlace): readonly StoredObject[];
  /** The names of all content files. */
  contents(): ReadonlySet<string>;
}

export function objectIndex(objects: readonly StoredObject[]): ObjectIndex {
  const buckets = new Map<string, Map<string, StoredObject>>();
  const sorted = new Map<string, readonly StoredObject[]>();
  const nameOf = ({ bucket, region }: BucketPlace) => `${bucket}.${region}`;
  const bucketOf = (place: BucketPlace) => {
    const known = buckets.get(nameOf(place)) ?? new Map<string, StoredObject>();
    buckets.set(nameOf(place), known);
    return known;
  };
  const index: ObjectIndex = {
    get: (place) => buckets.get(nameOf(place))?.get(place.key),
    put(object) {
      const replaced = index.get(object);
      bucketOf(object).set(object.key, object);
      sorted.delete(nameOf(object));
      return replaced;
    },
    remove(place) {
      const removed = index.get(place);
      bucketOf(place).delete(place.key);
      sorted.delete(nameOf(place));
      return removed;
    },
    list(bucket) {
      const known = sorted.get(nameOf(bucket)) ?? inOrder([...bucketOf(bucket).values()]);
      sorted.set(nameOf(bucket), known);
      return known;
    },
    contents: () =>
      new Set([...buckets.values()].flatMap((known) => [...known.values()].map((o) => o.content))),
  };
  for (const object of objects) index.put(object);
  return index;
}

/** JavaScript's own order is that of UTF-16, which differs beyond the basic plane. */
function inOrder(objects: StoredObject[]): readonly StoredObject[] {
  return objects
    .map((object) => ({ object, bytes: Buffer.from(object.key) }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ object }) => object);
}
