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
export const BUCKETS = Array.from({ length: 256 }, (_, index) => `bench-${index}-${WORLD.appId}`);

/** Where the setting of each is asked for. */
export const SLIM_PATHS = BUCKETS.map(
  (bucket) => `/v1/regions/${WORLD.region}/buckets/${bucket}/image-slim`,
);
