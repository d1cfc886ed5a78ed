/** How often each size of difference was seen, in steps of 1 / (bins - 1). */
export interface Pool {
  readonly bins: Uint32Array;
  /** Windows that show anything. */
  count: number;
  sum: number;
  /** The variance below which structure hardly counts. */
  readonly c2: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Windows of 8 × 8 pixels, each overlapping its neighbours by half: 2 × 2 cells of this side. */
const CELL = 4;
const SUMS = 6;

/** Source: Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity". */
const C1 = (0.01 * 255) ** 2;

/** A shift of a whole window that counts as fully different; structure alone hardly sees it. */
const FULL_SHIFT = 16;

/** A window that varies less than this and is the same in both is blank: it says nothing. */
const BLANK_VARIANCE = 0.5;
const BLANK_SHIFT = 0.5;

const BINS = 4096;

/**
 * The difference, 0 to 1, of every window: one minus its structural similarity, and what its mean
 * was shifted by. Blank windows are left out, or a text on a large white page would count for nothing.
 */
export function windowDifferences(
  a: Float32Array,
  b: Float32Array,
  { unseen, ...size }: Size & { readonly unseen: number },
): Pool {
  const pool: Pool = { bins: new Uint32Array(BINS), count: 0, sum: 0, c2: unseen ** 2 };
  const columns = Math.ceil(size.width / CELL);
  const rows = Math.ceil(size.height / CELL);
  let above = cellRow(a, b, { ...size, row: 0 });
  for (let row = 1; row < Math.max(rows, 2); row += 1) {
    const below = row < rows ? cellRow(a, b, { ...size, row }) : new Float64Array(above.length);
    for (let column = 0; column < Math.max(columns - 1, 1); column += 1) {
      addWindow(pool, [above, below], column * SUMS);
    }
    above = below;
  }
  return pool;
}

/** For each cell of one row: count, sums of a, b, a², b² and a·b. */
function cellRow(a: Float32Array, b: Float32Array, at: Size & { row: number }): Float64Array {
  const { width, height, row } = at;
  const sums = new Float64Array(Math.ceil(width / CELL) * SUMS);
  const lastY = Math.min(height, (row + 1) * CELL);
  for (let y = row * CELL; y < lastY; y += 1) {
    for (let x = 0, index = y * width; x < width; x += 1, index += 1) {
      const first = a[index] ?? 0;
      const second = b[index] ?? 0;
      const cell = (x >> 2) * SUMS;
      sums[cell] = (sums[cell] ?? 0) + 1;
      sums[cell + 1] = (sums[cell + 1] ?? 0) + first;
      sums[cell + 2] = (sums[cell + 2] ?? 0) + second;
      sums[cell + 3] = (sums[cell + 3] ?? 0) + first * first;
      sums[cell + 4] = (sums[cell + 4] ?? 0) + second * second;
      sums[cell + 5] = (sums[cell + 5] ?? 0) + first * second;
    }
  }
  return sums;
}

function addWindow(pool: Pool, rows: readonly [Float64Array, Float64Array], at: number): void {
  const total = (sum: number) =>
    (rows[0][at + sum] ?? 0) +
    (rows[1][at + sum] ?? 0) +
    (rows[0][at + SUMS + sum] ?? 0) +
    (rows[1][at + SUMS + sum] ?? 0);
  const count = total(0);
  const meanA = total(1) / count;
  const meanB = total(2) / count;
  const varianceA = Math.max(0, total(3) / count - meanA * meanA);
  const varianceB = Math.max(0, total(4) / count - meanB * meanB);
  const covariance = total(5) / count - meanA * meanB;
  const shift = Math.abs(meanA - meanB);
  if (Math.max(varianceA, varianceB) < BLANK_VARIANCE && shift < BLANK_SHIFT) return;
  const structure =
    ((2 * meanA * meanB + C1) * (2 * covariance + pool.c2)) /
    ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + pool.c2));
  const difference = Math.min(1, 1 - structure + (shift / FULL_SHIFT) ** 2);
  const bin = Math.round(difference * (BINS - 1));
  pool.bins[bin] = (pool.bins[bin] ?? 0) + 1;
  pool.count += 1;
  pool.sum += difference;
}

/**
 * What counts of all windows: their mean, what the worst twentieth lie beyond, and what the worst
 * two in a thousand do, so that neither a line of text nor one small icon can be given up.
 */
const WEIGHTS = {
  mean: 0.4,
  percentiles: [
    { share: 0.95, weight: 0.3 },
    { share: 0.998, weight: 0.3 },
  ],
} as const;

/** One number, 0 to 1, for all windows. */
export function pooled(pool: Pool): number {
  if (pool.count === 0) return 0;
  return WEIGHTS.percentiles.reduce(
    (sum, { share, weight }) => sum + weight * percentile(pool, share),
    WEIGHTS.mean * (pool.sum / pool.count),
  );
}

function percentile({ bins, count }: Pool, share: number): number {
  let seen = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    seen += bins[bin] ?? 0;
    if (seen >= count * share) return bin / (BINS - 1);
  }
  return 1;
}
