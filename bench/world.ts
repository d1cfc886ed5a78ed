/** What callers and subjects agree on; the secrets are made up and open no door. */
export const WORLD = {
  region: 'ap-shanghai',
  appId: '1250000000',
  ownerUin: '100000000001',
  subAccountUin: '100000000011',
  secretId: 'AKIDbenchmark',
  secretKey: 'benchmark-secret-key',
  issuer: 'https://issuer.bench.test',
  audience: 'slimgate',
  keyId: 'bench-1',
  issuerSecret: 'benchmark-issuer-secret-of-more-than-32-bytes',
  /** May do everything with the buckets. */
  writer: 'photos',
  /** May only look at them. */
  reader: 'reports',
} as const;

/** More buckets than callers, because changes of one bucket wait for each other. */
export const BUCKETS = bucketNames(256);

export function bucketNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `bench-${index}-${WORLD.appId}`);
}

/** Tenants who may do everything with the buckets: the writer first. */
export function writers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? WORLD.writer : `${WORLD.writer}-${index}`,
  );
}
