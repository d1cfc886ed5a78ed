/** What callers and subjects agree on; the secrets are made up and open no door. */
export const WORLD = {
  region: 'ap-shanghai',
  bucket: 'examplebucket-1250000000',
  appId: '1250000000',
  ownerUin: '100000000001',
  subAccountUin: '100000000011',
  secretId: 'AKIDbenchmark',
  secretKey: 'benchmark-secret-key',
  issuer: 'https://issuer.bench.test',
  audience: 'slimgate',
  keyId: 'bench-1',
  issuerSecret: 'benchmark-issuer-secret-of-more-than-32-bytes',
  /** May do everything with the bucket. */
  writer: 'photos',
  /** May only look at it. */
  reader: 'reports',
} as const;

/** Where the bucket's setting is asked for. */
export const SLIM_PATH = `/v1/regions/${WORLD.region}/buckets/${WORLD.bucket}/image-slim`;
