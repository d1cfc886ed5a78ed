import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDesired } from '../../src/cli/fleet/desired.ts';
import type { ConfigurationError } from '../../src/errors.ts';
import { cli, copyOfConfig, spawnCli, spawnedCli, startCli } from './running-cli.ts';

const ACCOUNT = '1250000000';

/** A running gateway whose cloud has so many buckets, all of them photos’ own. */
async function withFleet(count: number, limits = '') {
  const directory = copyOfConfig();
  const edit = (name: string, change: (text: string) => string) => {
    const file = join(directory, 'config', name);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  const names = Array.from({ length: count }, (_, index) => `fleet-${index}-${ACCOUNT}`);
  const cloudRows = names.map(
    (name) => `  - { name: ${name}, region: ap-shanghai, bound: true }\n`,
  );
  edit('local-cloud.yaml', (text) => text.replace('buckets:\n', `buckets:\n${cloudRows.join('')}`));
  edit('gateway.yaml', (text) => `${text}\n${limits}`);
  edit('policy-table.yaml', (text) =>
    text.replace(
      'resource:\n      - qcs::ci:ap-shanghai:uid/1250000000:bucket/examplebucket-1250000000/*',
      'resource:\n      - qcs::ci:ap-shanghai:uid/1250000000:bucket/*',
    ),
  );
  const running = await startCli(directory, ['start'], /"msg":"ready"/);
  const gateway = /gateway +(http:\S+)/.exec(running.banner)?.[1] ?? '';
  const write = (text: string) => writeFileSync(join(directory, 'buckets.yaml'), text);
  write(fleetFile(names));
  const slim = (verb: string, ...more: readonly string[]) => [
    'slim',
    verb,
    ...(verb === 'plan' || verb === 'apply' ? ['-f', 'buckets.yaml'] : []),
    '--gateway',
    gateway,
    ...more,
  ];
  const report = () => JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8'));
  return { directory, gateway, names, slim, write, report };
}

const fleetFile = (names: readonly string[], rest = '') => `
version: 1
defaults: { region: ap-shanghai, modes: [Auto], suffixes: [jpg] }
buckets:
${names.map((name) => `  - { bucket: ${name}${rest} }`).join('\n')}
`;

const progressLines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

test('a fleet is applied though it is killed in the middle, and the report tells all of it', async () => {
  const { directory, slim, names, report } = await withFleet(
    60,
    'limits: { requestsPerSecondPerTenant: 60, burstPerTenant: 75 }',
  );
  const apply = slim('apply', '--report', 'report.json', '--concurrency', '4');
  const file = join(directory, 'buckets.yaml.progress');
  const killed = spawnCli(directory, apply);
  const count = () => progressLines(file).split('"ended"').length - 1;
  await expect.poll(count, { interval: 2, timeout: 60_000 }).toBeGreaterThan(4);
  killed.kill('SIGKILL');
  expect(existsSync(join(directory, 'report.json'))).toBe(false);

  // The rate limit holds: the second run is asked to wait, and waits.
  const resumed = await spawnedCli(directory, ...apply);
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringMatching(/looking 60\/60/)]);
  expect(resumed.stdout).toMatch(/applied +60\n/);
  const { totals, runs, buckets } = report();
  const none = { unchanged: 0, 'changed-meanwhile': 0, failed: 0, 'not-tried': 0 };
  expect([totals, runs]).toEqual([{ applied: 60, ...none }, 2]);
  expect(buckets.map(({ bucket }: { bucket: string }) => bucket)).toEqual(names);
  expect(new Set(buckets.map(({ before }: { before: string }) => before))).toEqual(
    new Set(['off']),
  );
  expect(existsSync(file)).toBe(false);

  // No bucket was changed twice.
  const closings = readFileSync(join(directory, 'var/journal/segment-00000001.jsonl'), 'utf8');
  expect(closings.split('"outcome":"applied"')).toHaveLength(61);
}, 90_000);

test('one who stops it is obeyed, too many failures stop it, and a refusal is said', async () => {
  const { directory, slim, names, write, report } = await withFleet(30);
  const stopped = spawnCli(
    directory,
    slim('apply', '--report', 'report.json', '--concurrency', '1'),
  );
  const file = join(directory, 'buckets.yaml.progress');
  await expect.poll(() => progressLines(file), { interval: 2, timeout: 60_000 }).toMatch(/"ended"/);
  stopped.kill('SIGINT');
  await expect.poll(() => stopped.exitCode, { timeout: 60_000 }).toBe(1);
  const { totals } = report();
  expect(totals.applied).toBeGreaterThan(0);
  expect(totals['not-tried']).toBeGreaterThan(0);
  expect(totals.applied + totals['not-tried']).toBe(30);

  // Of an account that is not ours.
  const foreign = Array.from({ length: 9 }, (_, index) => `foreign-${index}-1250000001`);
  write(fleetFile([...foreign, ...names.slice(-3)], ', off: true'));
  const refused = await cli(
    directory,
    ...slim('apply', '--max-failures', '3', '--report', 'report.json'),
  );
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/foreign-0-1250000001 +policy-denied +[0-9a-f-]{36}\n/);
  expect(report().totals).toMatchObject({ applied: 0, failed: 9 });

  const [dry, wrong] = await Promise.all([
    cli(directory, ...slim('enable', names[0] ?? '', '--modes', 'API', '--dry-run')),
    cli(directory, ...slim('enable', names[0] ?? '', '--modes', 'Auto')),
  ]);
  expect(dry.stdout).toMatch(/nothing was sent\nPUT https:.*\n<ImageSlim>/);
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/^slimgate: body-invalid: \/suffixes .*\(request /),
  ]);
}, 90_000);

const REFUSED: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
  [
    'a bucket that stands twice',
    `version: 1\ndefaults: { region: ap-shanghai }\nbuckets:\n  - { bucket: a-${ACCOUNT}, off: true }\n\n  - { bucket: a-${ACCOUNT}, modes: [API] }\n`,
    /^buckets\.1 \(line 6\): `ap-shanghai\/a-1250000000` stands in line 4$/,
  ],
  [
    'a bucket without a region',
    `version: 1\nbuckets: [{ bucket: a-${ACCOUNT}, off: true }]`,
    /^buckets\.0 \(line 2\): has no region/,
  ],
  [
    'Auto without suffixes',
    fleetFile([`a-${ACCOUNT}`]).replace(', suffixes: [jpg]', ''),
    /^buckets\.0 \(line 5\): suffixes must name at least one/,
  ],
  ['off beside modes', fleetFile([`a-${ACCOUNT}`], ', off: true, modes: [API]'), /decide$/],
  ['an unknown member', fleetFile([`a-${ACCOUNT}`], ', mode: API'), /^buckets\.0 .*line 5.*`mode`/],
  ['a short name', fleetFile(['a']), /^buckets\.0\.bucket \(line 5\): must be its full name/],
  ['no bucket', 'version: 1\nbuckets: []', /^buckets: must name a bucket$/],
];

test.for(REFUSED)('a file with %s is refused with its place', ([, text, problem]) => {
  const problems = () => {
    try {
      return parseDesired(text);
    } catch (error) {
      return (error as ConfigurationError).problems;
    }
  };
  expect(problems()).toEqual([expect.stringMatching(problem)]);
});

test('a bucket’s own word goes before the defaults', () => {
  const text = `
version: 1
defaults: { region: ap-shanghai, modes: [Auto], suffixes: [jpg, png] }
buckets:
  - { bucket: a-${ACCOUNT} }
  - { bucket: a-${ACCOUNT}, region: ap-guangzhou, modes: [API] }
  - { bucket: b-${ACCOUNT}, modes: [Auto, API] }
  - { bucket: c-${ACCOUNT}, suffixes: [gif] }
  - { bucket: d-${ACCOUNT}, off: true }
`;
  expect(parseDesired(text).map(({ region, configuration }) => [region, configuration])).toEqual([
    ['ap-shanghai', { modes: ['Auto'], suffixes: ['jpg', 'png'] }],
    ['ap-guangzhou', { modes: ['API'], suffixes: undefined }],
    ['ap-shanghai', { modes: ['Auto', 'API'], suffixes: ['jpg', 'png'] }],
    ['ap-shanghai', { modes: ['Auto'], suffixes: ['gif'] }],
    ['ap-shanghai', null],
  ]);
});
