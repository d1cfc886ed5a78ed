import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configurationProblems, configurationSchema } from '../../src/cli/config.ts';
import { readSettings } from '../../src/config/load.ts';
import { cli, copyOfConfig, edit, spawnedCli } from './running-cli.ts';

const CONFIG = new URL('../../config/', import.meta.url);

test('the shipped configuration is valid once its secret is there', async () => {
  const directory = copyOfConfig();
  await cli(directory, 'token', '--tenant', 'photos');
  const { code, stdout } = await spawnedCli(directory, 'config', 'check');
  expect([code, stdout]).toEqual([0, 'config/gateway.yaml is valid\n']);
});

test('every problem is told at once, and nothing is changed', async () => {
  const directory = copyOfConfig();
  edit(directory, (yaml) =>
    yaml
      .replace('policy-table.yaml', 'absent.yaml')
      .replace('local-credentials/media.yaml', 'absent-too.yaml'),
  );
  const { code, stderr } = await cli(directory, 'config', 'check');
  expect(code).toBe(1);
  expect(stderr.split('\n')).toEqual([
    'identity.issuers.0.keys.0.secretFile: `../var/development-issuer.secret`: no such file; `slimgate start` makes it',
    'subAccounts.0.credentials.path: `absent-too.yaml`: no such file',
    'policyTableFile: `absent.yaml`: no such file',
    '',
  ]);
});

const MISTAKES: readonly { name: string; change: (yaml: string) => string; says: RegExp }[] = [
  {
    name: 'an unknown setting',
    change: (yaml) => `${yaml}\nport: 1`,
    says: /unknown member `port`/,
  },
  {
    name: 'a port out of range',
    change: (yaml) => yaml.replace('port: 0', 'port: 99999'),
    says: /listen\.port: /,
  },
  {
    name: 'an APPID without quotes',
    change: (yaml) => yaml.replace('appId: "1250000000"', 'appId: 1250000000'),
    says: /subAccounts\.0\.appId/,
  },
  {
    name: 'a template without a bucket',
    change: (yaml) => `${yaml}\nupstream: { hostTemplate: 'x.{region}.example.com' }`,
    says: /upstream\.hostTemplate: must look like/,
  },
  {
    name: 'a template that leads to one host',
    change: (yaml) => `${yaml}\nupstream: { hostTemplate: '{bucket}.evil' }`,
    says: /upstream\.hostTemplate/,
  },
  {
    name: 'two sources for one key',
    change: (yaml) => yaml.replace('secretFile:', 'secretEnvironment: X\n          secretFile:'),
    says: /must name exactly one of/,
  },
  {
    name: 'a signing key that is not there',
    change: (yaml) => `${yaml}\naudit: { signingKeyFile: absent.pem }`,
    says: /audit\.signingKeyFile: `absent\.pem`: no such file/,
  },
  {
    name: 'what production refuses',
    change: (yaml) => yaml.replace('mode: development', 'mode: production'),
    says: /identity\.issuers: a development issuer[\s\S]*simulator\.embedded: is refused/,
  },
  {
    name: 'plain http in production',
    change: (yaml) =>
      `${yaml.replace('mode: development', 'mode: production')}\nupstream: { connect: { host: a, port: 1 } }`,
    says: /upstream\.connect: is plain http/,
  },
];

test.for(MISTAKES)('told: $name', ({ change, says }) => {
  const directory = copyOfConfig();
  edit(directory, change);
  const problems = configurationProblems(join(directory, 'config', 'gateway.yaml'));
  expect(problems.join('\n')).toMatch(says);
});

test('a signing key that is none is told before the start', async () => {
  const directory = copyOfConfig();
  await cli(directory, 'token', '--tenant', 'photos');
  edit(directory, (yaml) => `${yaml}\naudit: { signingKeyFile: policy-table.yaml }`);
  const { code, stderr } = await cli(directory, 'config', 'check');
  expect([code, stderr]).toEqual([1, 'the audit signing key is not a private key in PEM\n']);
});

test('what is printed has every default, is a configuration, and holds no secret', async () => {
  const directory = copyOfConfig();
  const { code, stdout } = await cli(directory, 'config', 'print');
  expect(code).toBe(0);
  expect(parse(stdout)).toMatchObject({ upstream: { timeoutMs: 10_000, keyTimeSeconds: 300 } });
  edit(directory, () => stdout);
  expect((await cli(directory, 'config', 'print')).stdout).toBe(stdout);
  expect(stdout).not.toContain('local-cloud-media-secret-key');
});

test('the schema beside the configuration is the one that validates', () => {
  const shipped = JSON.parse(readFileSync(new URL('gateway.schema.json', CONFIG), 'utf8'));
  expect(shipped).toEqual(configurationSchema());
});

test.for(['production', 'kubernetes'])('the example for %s is a configuration', (name) => {
  const settings = readSettings(new URL(`gateway.${name}.example.yaml`, CONFIG).pathname);
  expect(settings.mode).toBe('production');
});

test('in production no token is minted', async () => {
  const directory = copyOfConfig();
  edit(directory, (yaml) =>
    yaml
      .replace('mode: development', 'mode: production')
      .replace('development: true', 'development: false')
      .replace('embedded: true', 'embedded: false')
      .replace('../var/development-issuer.secret', 'a.secret')
      .concat('# end'),
  );
  const { code, stdout, stderr } = await cli(directory, 'token', '--tenant', 'photos');
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/secretFile|no development issuer/);
});

test('wrong usage exits with 2 and says what is wrong', async () => {
  const { code, stdout, stderr } = await spawnedCli(copyOfConfig(), 'start', '--nonsense');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/unknown option '--nonsense'\n.*--help/);
});

test('help is no error', async () => {
  const { code, stdout, stderr } = await cli(copyOfConfig(), '--help');
  expect([code, stderr]).toEqual([0, '']);
  for (const verb of ['start', 'simulator', 'token', 'config', 'Exit codes']) {
    expect(stdout).toContain(verb);
  }
});
