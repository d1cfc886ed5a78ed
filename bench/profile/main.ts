import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Child } from '../children/child.ts';
import { surround, wholeJob } from '../gateway-figures.ts';
import { readMachine } from '../machine.ts';
import { functionsTable, ownersTable, profilePage, roomsTable } from './page.ts';
import { breakDown } from './rooms.ts';
import type { ProfiledQuestion } from './run-profiled.ts';

const PAGE = new URL('../../docs/profile.md', import.meta.url);
/** To be opened in a browser's developer tools. */
const PROFILE = fileURLToPath(new URL('../../var/slimgate.cpuprofile', import.meta.url));
const CALLERS = 64;

const { seconds, warmUpSeconds, isQuick } = options();
const requests = await profile();
const breakdown = breakDown(JSON.parse(readFileSync(PROFILE, 'utf8')));
const facts = { breakdown, requests };
const tables = [roomsTable(facts), ownersTable(facts), functionsTable(facts)];
process.stdout.write(`${tables.join('\n\n')}\n\nwritten: ${PROFILE}\n`);
if (!isQuick) {
  writeFileSync(
    PAGE,
    profilePage(facts, { machine: readMachine(), seconds, measuredAt: new Date() }),
  );
  process.stdout.write('written: docs/profile.md\n');
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string', default: '15' },
        quick: { type: 'boolean', default: false },
      },
    });
    const seconds = values.quick ? 0.5 : Number(values.seconds);
    if (!(seconds > 0)) throw new TypeError('--seconds must be a number above 0');
    return { seconds, warmUpSeconds: values.quick ? 0.1 : 10, isQuick: values.quick };
  } catch (error) {
    const problem = error instanceof Error ? error.message : error;
    process.stderr.write(
      `profile: ${problem}\n\nusage: npm run profile -- [--seconds N] [--quick]\n`,
    );
    process.exit(2);
  }
}

/** Have the whole job done under load, and profile it once it is warm: how many requests. */
async function profile(): Promise<number> {
  const play = wholeJob();
  await using stack = new AsyncDisposableStack();
  const { upstreamPort, load } = await surround(stack, play);
  const gateway = stack.adopt(
    new Child<ProfiledQuestion, { port: number }>(new URL('./run-profiled.ts', import.meta.url)),
    (child) => child.stop(),
  );
  const { setting } = play;
  const { port } = await gateway.ask({ kind: 'start', upstreamPort, setting });
  const order = { port, requests: play.requests, expectedStatus: 200, callers: CALLERS };
  await load.ask({ ...order, durationMs: warmUpSeconds * 1000 });
  await gateway.ask({ kind: 'begin' });
  const { requests } = await load.ask({ ...order, durationMs: seconds * 1000 });
  await gateway.ask({ kind: 'end', file: PROFILE });
  return requests;
}
