/** A line of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Axis {
  /** With its unit. */
  readonly title: string;
  readonly scale: 'log' | 'linear';
}

export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 400;
const FRAME = { left: 72, right: 680, top: 64, bottom: 340 };

/** Readable on white and on black; the frame's colours follow the reader's scheme. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #768390 }
  .title { font-size: 15px; font-weight: 600 }
  .frame { stroke: #8c959f; stroke-width: 1; fill: none }
  .grid { stroke: #8c959f; stroke-opacity: .25; stroke-width: 1 }
  .s0 { color: #1f77d0 } .s1 { color: #d9730d } .s2 { color: #2e9e5b } .s3 { color: #b4519e }
  polyline { fill: none; stroke: currentColor; stroke-width: 2 }
  circle, rect { fill: currentColor }
  @media (prefers-color-scheme: dark) { text { fill: #c9d1d9 } }
`;

/** A plot as SVG, drawn the same from the same figures. */
export function svgOf({ title, x, y, series }: Plot): string {
  const points = series.flatMap((one) => one.points);
  const across = scaleOf(
    x,
    points.map((point) => point.x),
    [FRAME.left, FRAME.right],
  );
  const up = scaleOf(
    y,
    points.map((point) => point.y),
    [FRAME.bottom, FRAME.top],
  );
  const parts = [
    `<text class="title" x="${FRAME.left}" y="22">${title}</text>`,
    ...series.map(legend),
    ...up.ticks.map((value) => horizontal(value, up.place(value))),
    ...across.ticks.map((value) => vertical(value, across.place(value))),
    `<path class="frame" d="M${FRAME.left} ${FRAME.top}V${FRAME.bottom}H${FRAME.right}"/>`,
    `<text x="${(FRAME.left + FRAME.right) / 2}" y="${HEIGHT - 14}" text-anchor="middle">${x.title}</text>`,
    `<text transform="translate(16 ${(FRAME.top + FRAME.bottom) / 2}) rotate(-90)" text-anchor="middle">${y.title}</text>`,
    ...series.map((one, index) => line(one, index, { across, up })),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>${STYLE}</style>
${parts.join('\n')}
</svg>
`;
}

interface Scale {
  readonly ticks: readonly number[];
  readonly place: (value: number) => number;
}

function scaleOf(axis: Axis, values: readonly number[], [from, to]: [number, number]): Scale {
  const isLog = axis.scale === 'log';
  const ticks = isLog ? decades(values) : steps(Math.max(...values));
  const along = isLog ? (value: number) => Math.log10(Math.max(value, first(ticks))) : Number;
  const [start, end] = [along(first(ticks)), along(Math.max(ticks.at(-1) ?? 1, ...values))];
  const place = (value: number) => from + ((along(value) - start) / (end - start)) * (to - from);
  return { ticks, place: (value) => Math.round(place(value) * 10) / 10 };
}

function first(ticks: readonly number[]): number {
  return ticks[0] ?? 0;
}

/** Powers of ten from below all values above 0 on: at least two. */
function decades(values: readonly number[]): readonly number[] {
  const above = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...above)));
  const high = Math.max(low + 1, Math.floor(Math.log10(Math.max(...above))));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

/** From 0 on, round and about five. */
function steps(highest: number): readonly number[] {
  const rough = Math.max(highest, 1e-6) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const count = Math.ceil(highest / step) || 1;
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

function legend({ name }: Series, index: number): string {
  const x = FRAME.left + index * 210;
  return `<g class="s${index}"><rect x="${x}" y="36" width="12" height="12" rx="2"/></g><text x="${x + 18}" y="47">${name}</text>`;
}

function horizontal(value: number, y: number): string {
  return `<path class="grid" d="M${FRAME.left} ${y}H${FRAME.right}"/><text x="${FRAME.left - 8}" y="${y + 4}" text-anchor="end">${label(value)}</text>`;
}

function vertical(value: number, x: number): string {
  return `<path class="grid" d="M${x} ${FRAME.top}V${FRAME.bottom}"/><text x="${x}" y="${FRAME.bottom + 20}" text-anchor="middle">${label(value)}</text>`;
}

function label(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en', { maximumFractionDigits: 6 });
}

function line({ points }: Series, index: number, { across, up }: { across: Scale; up: Scale }) {
  const places = points.map(({ x, y }) => ({ x: across.place(x), y: up.place(y) }));
  const path = places.map(({ x, y }) => `${x},${y}`).join(' ');
  const dots = places.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="3.5"/>`).join('');
  return `<g class="s${index}"><polyline points="${path}"/>${dots}</g>`;
}
