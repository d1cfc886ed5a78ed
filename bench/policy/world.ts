/** A request, as every subject is asked it. */
export interface Asked {
  readonly tenant: string;
  readonly action: string;
  readonly region: string;
  readonly bucket: string;
  readonly ip: string;
}

/** A row of the table, as it would be kept. */
export interface Row {
  readonly id: string;
  readonly principal: string;
  readonly effect: 'allow' | 'deny';
  readonly action: string;
  readonly resource: string;
  readonly condition?: { readonly ip_equal: { readonly 'qcs:ip': string } };
}

/** How large a table is, and for how many. */
export interface Size {
  readonly statements: number;
  readonly tenants: number;
}

export const APP_ID = '1250000000';
const HEAD = `qcs::ci:ap-shanghai:uid/${APP_ID}:bucket/`;
const ANYWHERE = `qcs::ci::uid/${APP_ID}:bucket/`;

/** A statement's pattern and a bucket that it matches. Half are on one bucket each. */
interface Shape {
  readonly pattern: (n: number) => string;
  readonly bucket: (n: number) => string;
}

const ONE_BUCKET: Shape = {
  pattern: (n) => `${HEAD}photos-${n}-${APP_ID}/*`,
  bucket: (n) => `photos-${n}-${APP_ID}`,
};

const SHAPES: readonly Shape[] = [
  ONE_BUCKET,
  { pattern: (n) => `${HEAD}team-${n}-*`, bucket: (n) => `team-${n}-web-${APP_ID}` },
  ONE_BUCKET,
  { pattern: (n) => `${ANYWHERE}logs-${n}-*`, bucket: (n) => `logs-${n}-raw-${APP_ID}` },
  ONE_BUCKET,
  {
    pattern: (n) => `${HEAD}*-archive-${n}-${APP_ID}/*`,
    bucket: (n) => `old-archive-${n}-${APP_ID}`,
  },
  ONE_BUCKET,
  { pattern: (n) => `${HEAD}*-site-${n}-*`, bucket: (n) => `my-site-${n}-eu-${APP_ID}` },
];

const ACTIONS = ['ci:SetImageSlim', 'ci:*', 'ci:DescribeImageSlim'] as const;
const ASKED_ACTIONS = ['ci:SetImageSlim', 'ci:DescribeImageSlim'] as const;

export const tenantName = (n: number): string => `team-${n}`;

/** The rows of a table, as reading its document makes them; every tenth denies, every fifth holds for one network alone. */
export function rowsOf({ statements, tenants }: Size): Row[] {
  return Array.from({ length: statements }, (_, n) =>
    asRead({
      id: `s${n}`,
      principal: `tenant/${tenantName(n % tenants)}`,
      effect: n % 10 === 9 ? 'deny' : 'allow',
      action: pick(ACTIONS, n),
      resource: shapeOf(n, tenants).pattern(n),
      ...(n % 5 === 4 ? { condition: { ip_equal: { 'qcs:ip': '10.0.0.0/8' } } } : {}),
    }),
  );
}

/**
 * Requests all over a table: each about the bucket of some statement, one in four by a tenant who
 * may have none on it, one in three from outside of the network.
 */
export function requestsTo({ statements, tenants }: Size, count: number): Asked[] {
  return Array.from({ length: count }, (_, i) => {
    const n = (i * STRIDE) % statements;
    return {
      tenant: tenantName((i % 4 === 3 ? n + 1 : n) % tenants),
      action: pick(ASKED_ACTIONS, i),
      region: i % 7 === 6 ? 'ap-beijing' : 'ap-shanghai',
      bucket: shapeOf(n, tenants).bucket(n),
      ip: i % 3 === 2 ? '203.0.113.5' : '10.1.2.3',
    };
  });
}

/** A prime: statements of all shapes, effects and conditions are asked about, all over the table. */
const STRIDE = 15_485_863;

/** Tenants have all shapes, however many tenants there are. */
function shapeOf(n: number, tenants: number): Shape {
  return pick(SHAPES, Math.floor(n / tenants) + (n % tenants));
}

function pick<Item>(items: readonly Item[], n: number): Item {
  const item = items[n % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

/** A text that was put together is a chain of its parts until someone reads it; one that was read from a file is not. */
function asRead(row: Row): Row {
  return JSON.parse(JSON.stringify(row));
}
