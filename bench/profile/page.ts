import type { Machine } from '../machine.ts';
import { markdownTable, whole } from '../markdown.ts';
import type { Breakdown, Share } from './rooms.ts';

export interface ProfileFacts {
  readonly breakdown: Breakdown;
  readonly requests: number;
}

interface Setting {
  readonly machine: Machine;
  readonly seconds: number;
  readonly measuredAt: Date;
}

/** Smaller ones are told together. */
const SMALLEST_SHARE = 0.005;
const FUNCTIONS = 30;

/** Time of the main thread by room. */
export function roomsTable({ breakdown, requests }: ProfileFacts): string {
  const { busyUs, rooms } = breakdown;
  return sharesTable(rooms, busyUs, requests);
}

/** The same time, each told to the one of our rooms that it was spent for. */
export function ownersTable({ breakdown, requests }: ProfileFacts): string {
  const { busyUs, owners } = breakdown;
  return sharesTable(owners, busyUs, requests);
}

function sharesTable(rooms: readonly Share[], busyUs: number, requests: number): string {
  const large = rooms.filter(({ us }) => us / busyUs >= SMALLEST_SHARE);
  const rest = rooms.filter((room) => !large.includes(room));
  const restUs = rest.reduce((sum, { us }) => sum + us, 0);
  const all = [...large, { name: `${rest.length} smaller ones`, us: restUs }];
  const rows = [...all, { name: 'all', us: busyUs }].map((share) => cells(share, busyUs, requests));
  return markdownTable(['room', 'share', 'µs for a request'], rows);
}

/** The functions with the most time of their own. */
export function functionsTable({ breakdown, requests }: ProfileFacts): string {
  const { busyUs, functions } = breakdown;
  const rows = functions.slice(0, FUNCTIONS).map((share) => cells(share, busyUs, requests));
  return markdownTable(['function', 'share', 'µs for a request'], rows);
}

function cells({ name, us }: Share, busyUs: number, requests: number): readonly string[] {
  return [name, `${((us / busyUs) * 100).toFixed(1)} %`, (us / requests).toFixed(1)];
}

/** The whole of docs/profile.md. */
export function profilePage(
  facts: ProfileFacts,
  { machine, seconds, measuredAt }: Setting,
): string {
  return `# Where the time goes

A profile of the whole job: PUT with a remembered HS256 token, 64 callers, journal synced, log on.
This page is written by \`npm run profile\`; to change it, change \`bench/profile/\` and run it again. The
profile itself is left in \`var/slimgate.cpuprofile\`, for a browser's developer tools.

Measured ${measuredAt.toISOString().slice(0, 10)} on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, Node ${machine.node}: ${whole(facts.requests)} requests in ${seconds} s,
after a warm-up; sampled by V8's profiler as \`--cpu-prof\` does, but without start and warm-up.

## By room

Time of its own, without what it calls. What the runtime does in its own language on behalf of a
function (a digest, a write) is the function's.

${roomsTable(facts)}

The main thread alone: the journal's syncs wait on a thread of the pool, the database and the index
of the journal have threads of their own, which are in the CPU time of [benchmarks.md](benchmarks.md) and not here. Sampling itself
costs something; compare shares.

## By whom it is for

The same time, with what Node and the libraries do on behalf of each of our rooms.

${ownersTable(facts)}

${REMAINS}
## By function

${functionsTable(facts)}
`;
}

const REMAINS = `## What remains, and why

- **Two HTTP exchanges**: a request is read, another is written; an answer is read, another is written.
  Node's HTTP, its sockets and streams, and the system's writes are the largest part together, and
  a proxy without any logic has them too. Fewer writes would mean several requests on one connection
  to the upstream, which is wrong for changes.
- **The journal**: two records for each change, each as JSON with its SHA-256 in the chain, and the one
  Ed25519 signature that the receipts of a commit share. The more callers wait together, the more share it.
  Digests and the signature show as crypto, under the journal in the table by whom they are for.
- **Promises and ticks**: a request waits twice for its cohort, for two commits and the upstream, and each layer of
  Koa for the one inside it. Steps that wait for nothing cost a call
  ([0025](decisions/0025-the-way-of-a-request-is-a-list-of-steps.md)).
- **The log**: one line for a request.
- **What is left of the work itself** (token, body, decision, XML, signature) is small, because most
  of it is remembered: proven tokens, the fifteen documents, sign keys, requests as they are sent. Each
  has its bound, and none may outlive a revocation, a change of the table or a rotation.

## What stands between

Goals of [benchmarks.md](benchmarks.md) that are not met, and why.

- **A change, beside bare http-proxy**: the two are as near as this machine tells: 0.88 to 1.05 where three to six processes
  take turns, 1.06 beside seventeen others, which leave less of the processor's caches to the larger program. Of a change's
  270 to 330 µs the thread that fills the index has some 30, the pool's threads that write and sync 15 to 20.
- **A start**: 440 to 610 ms from one run to the next, 483 in the middle of a quiet one. Most of it is loading some 550 modules, which
  [0024](decisions/0024-a-start-links-its-own-modules.md) is about.
- **One caller**: two syncs, and the threads that each of them wakes
  ([0027](decisions/0027-a-commit-is-appended-and-waited-for-asynchronously.md)).
- **Memory**: Node with two threads (SQLite, the index) takes 85 MiB before anything of ours is loaded. Under load V8's young
  generation and the allocator's arenas come on top; [operations.md](operations.md#memory) has two settings for them. Of the
  peers bare http-proxy has 110 to 140 MiB under the same load, and @fastify/http-proxy 290.
- **nginx**: Koa that reads a body and answers, and does nothing else, takes about three times what nginx takes to pass
  a request through. What is ours comes on top of that.
`;
