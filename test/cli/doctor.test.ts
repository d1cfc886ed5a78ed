import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, copyOfConfig, edit, startCli } from './running-cli.ts';

/** A gateway that runs beside a local Cloud Infinite of its own. */
async function startBoth() {
  const directory = copyOfConfig();
  const cloud = await startCli(directory, ['simulator', '--port', '0'], /listens on http:\S+\n/);
  const { port } = new URL(/http:\S+/.exec(cloud.banner)?.[0] ?? '');
  edit(
    directory,
    (yaml) =>
      `${yaml.slice(0, yaml.indexOf('simulator:'))}upstream: { connect: { host: 127.0.0.1, port: ${port} } }\n`,
  );
  await startCli(directory, ['start'], /"msg":"ready"/);
  return directory;
}

/** Times and ids differ. */
const plain = (text: string) =>
  text
    .replace(/\b\d+ (ms|MiB)\b/g, 'N $1')
    .replace(/\{"pid".*\}/, '{…}')
    .replace(/127\.0\.0\.1:\d+/, 'HERE')
    .replace(/^.*durability.*\n(?: {6}.*\n)?/m, '');

test('beside a running gateway everything is looked at, and nothing is changed', async () => {
  const directory = await startBoth();
  const journal = () => readdirSync(join(directory, 'var')).toSorted();
  const before = journal();
  const bucket = ['--bucket', 'ap-shanghai/examplebucket-1250000000'];
  const { code, stdout, stderr } = await cli(directory, 'doctor', ...bucket);
  expect([code, stderr]).toEqual([0, '']);
  const host = 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com';
  expect(plain(stdout).split('\n')).toEqual([
    'ok    configuration: config/gateway.yaml is valid',
    'ok    disk space: N MiB are free',
    'ok    journal: a gateway is running and writes it: {…}',
    'ok    database: sqlite answers in N ms; its tables are up to date',
    'ok    issuer https://issuer.slimgate.local: 1 key, configured',
    'ok    TLS: none: HERE is asked over plain http',
    'ok    keys of media: AKIDlocalmedia00000000000000000000001 is a key of 100000000011 in the main account 100000000001',
    'ok    clock: as that of sts.tencentcloudapi.com',
    'ok    keys of reader: AKIDlocalreader0000000000000000000001 is a key of 100000000012 in the main account 100000000001',
    'ok    examplebucket-1250000000 as media: its setting can be read; setting it was not tried',
    `ok    clock: as that of ${host}`,
    'warn  excess of media: its key may also list its objects',
    '      grant it ci:SetImageSlim and ci:DescribeImageSlim, and no more',
    'ok    examplebucket-1250000000 as reader: its setting can be read; setting it was not tried',
    'ok    excess of reader: none found: it may not list or look at more',
    '',
  ]);
  expect(journal()).toEqual(before);

  const unbound = await cli(
    directory,
    'doctor',
    '--json',
    '--bucket',
    'ap-shanghai/unbound-1250000000',
  );
  expect(unbound.code).toBe(1);
  expect(JSON.parse(unbound.stdout)).toContainEqual({
    check: 'unbound-1250000000 as media',
    verdict: 'fail',
    seen: 'UpsAppNotExist',
    remedy: 'enable Cloud Infinite for the account and bind the bucket to it, then repeat',
  });
}, 60_000);

test('a configuration that is not valid is told, every line of it', async () => {
  const directory = copyOfConfig();
  edit(directory, (yaml) => yaml.replace('local-credentials/media.yaml', 'absent.yaml'));
  const { code, stdout } = await cli(directory, 'doctor');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail {2}configuration: .*`slimgate start` makes it\n {6}correct it/);
  expect(stdout).toContain('`absent.yaml`: no such file');
});
