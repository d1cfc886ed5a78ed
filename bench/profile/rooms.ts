import type { Profiler } from 'node:inspector';

/** Where time went. */
export interface Share {
  readonly name: string;
  /** Of its own, without what it calls. */
  readonly us: number;
}

export interface Breakdown {
  /** Of the main thread, without waiting. */
  readonly busyUs: number;
  readonly rooms: readonly Share[];
  /** With what Node and the libraries do on behalf of each of our own. */
  readonly owners: readonly Share[];
  readonly functions: readonly Share[];
}

interface Room {
  readonly name: string | ((...matched: string[]) => string);
  readonly pattern: RegExp;
}

const OUTSIDE = 'Node and the system, outside of JavaScript';

/** The first that fits; a function of the runtime without a file belongs to whom it was called by. */
const ROOMS: readonly Room[] = [
  { name: 'garbage collector', pattern: /^\(garbage collector\)$/ },
  { name: OUTSIDE, pattern: /^\((?:program|root)\)$/ },
  { name: 'Node: HTTP', pattern: /^node:(?:_http|http|internal\/http)/ },
  {
    name: 'Node: sockets and streams',
    pattern: /^node:(?:net|stream|_stream|internal\/(?:streams|stream_base|net))/,
  },
  { name: 'Node: crypto', pattern: /^node:(?:crypto|internal\/crypto)/ },
  { name: 'Node: files', pattern: /^node:(?:fs|internal\/fs)/ },
  {
    name: 'Node: timers, promises, events',
    pattern: /^node:(?:timers|events|async_hooks|internal\/(?:timers|process|async|event|abort))/,
  },
  { name: 'Node: the rest', pattern: /^node:/ },
  { name: (name) => name, pattern: /\/node_modules\/((?:@[^/]+\/)?[^/]+)\// },
  { name: (name) => `src/${name}`, pattern: /\/src\/([a-z]+)\// },
  { name: 'src, beside the rooms', pattern: /\/src\// },
  { name: 'middleware', pattern: /\/middleware\// },
];

const IDLE = '(idle)';

/** Ours: what the others do is done for them. */
const OWN = /^(?:src|middleware)/;
const NOBODY = 'nobody of ours: Node, Koa and the libraries by themselves';

/** Tell a profile by room and by function, the largest first. */
export function breakDown(profile: Profiler.Profile): Breakdown {
  const calls = callsOf(profile);
  const rooms: Sums = new Map();
  const owners: Sums = new Map();
  const functions: Sums = new Map();
  let busyUs = 0;
  for (const [id, us] of ownTimes(profile)) {
    const frames = framesFrom(id, calls);
    const [frame, caller] = frames;
    if (frame === undefined || frame.functionName === IDLE) continue;
    busyUs += us;
    const path = frames.flatMap((one) => roomOf(one) ?? []);
    add(rooms, path[0] ?? OUTSIDE, us);
    add(owners, path.find((room) => OWN.test(room)) ?? NOBODY, us);
    add(functions, functionName(frame, caller), us);
  }
  return {
    busyUs,
    rooms: largestFirst(rooms),
    owners: largestFirst(owners),
    functions: largestFirst(functions),
  };
}

type Sums = Map<string, number>;
type Frame = Profiler.ProfileNode['callFrame'];

interface Calls {
  readonly nodes: ReadonlyMap<number, Profiler.ProfileNode>;
  readonly callers: ReadonlyMap<number, number>;
}

function callsOf({ nodes }: Profiler.Profile): Calls {
  return {
    nodes: new Map(nodes.map((node) => [node.id, node])),
    callers: new Map(
      nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
    ),
  };
}

/** A node's own, then its caller's, and so on. */
function framesFrom(id: number, { nodes, callers }: Calls): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) {
    const node = nodes.get(at);
    if (node !== undefined) frames.push(node.callFrame);
  }
  return frames;
}

/** A sample stands for the time until the next one. */
function ownTimes({ samples = [], timeDeltas = [] }: Profiler.Profile): Map<number, number> {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries()) add(times, id, timeDeltas[index + 1] ?? 0);
  return times;
}

function roomOf({ url, functionName }: Frame): string | null {
  const place = url || functionName;
  for (const { name, pattern } of ROOMS) {
    const matched = pattern.exec(place);
    if (matched) return typeof name === 'string' ? name : name(...matched.slice(1));
  }
  return null;
}

/** One of the runtime's own says little without its caller. */
function functionName(frame: Frame, caller: Frame | undefined): string {
  const isNative = frame.url === '' && !frame.functionName.startsWith('(');
  const own = placeOf(frame);
  return isNative && caller ? `${own}, for ${placeOf(caller)}` : own;
}

function placeOf({ functionName, url, lineNumber }: Frame): string {
  const name = functionName || '(without a name)';
  if (url === '') return name;
  const place = url.replace(/^.*\/(node_modules|src|middleware|bench)\//, (_all, top) =>
    top === 'node_modules' ? '' : `${top}/`,
  );
  return `${name}, ${place}:${lineNumber + 1}`;
}

function add<Key>(sums: Map<Key, number>, key: Key, us: number): void {
  sums.set(key, (sums.get(key) ?? 0) + us);
}

function largestFirst(sums: ReadonlyMap<string, number>): readonly Share[] {
  return [...sums].map(([name, us]) => ({ name, us })).toSorted((a, b) => b.us - a.us);
}
