import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_TABLE } from '../../src/errors.ts';
import { VERSION } from '../../src/version.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true })
    .map((path) => join('docs', String(path)))
    .filter((path) => path.endsWith('.md')),
];

test.for(DOCUMENTS)('every link of %s leads somewhere', (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link);
  const broken = links.filter((link) => !existsSync(join(ROOT, dirname(document), link ?? '')));
  expect(broken).toEqual([]);
});

/** The cells of the rows of a document's tables, without the white space around them. */
const tableRows = (document: string) =>
  read(document)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.replaceAll('`', '').trim()));

test('the table of errors is the one in force', () => {
  const rows = tableRows('docs/api.md').filter(([, , status]) => /^\d{3}$/.test(status ?? ''));
  expect(rows.map(([, code, status, title]) => [code, Number(status), title])).toEqual(
    Object.entries(ERROR_TABLE).map(([code, { status, title }]) => [code, status, title]),
  );
});

test('the way of a request that the README shows is the one of the pipeline', () => {
  const pipeline = read('middleware/pipeline.ts');
  const around = pipeline.matchAll(/gateway\.use\((\w+)\(services\)\)/g);
  const [, route = ''] = /const way = takeSteps\(\[(.*?)\n {2}\]\);/s.exec(pipeline) ?? [];
  const steps = [...around, ...route.matchAll(/^ {4}(\w+)\((?:services)?\),/gm)];
  const [, shown = ''] = /## The way of a request\n(.*?)\n## /s.exec(read('README.md')) ?? [];
  const names = [...shown.matchAll(/^ {3}([a-z]+(?: [a-z]+)*) {2,}/gm)].map(([, name = '']) =>
    name.replace(/ ./g, (letter) => letter.trim().toUpperCase()),
  );
  expect(names.length).toBeGreaterThan(10);
  expect(names).toEqual(steps.map(([, step]) => step));
});

test('every dependency is there with its reason, and nothing else', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const names = Object.keys({ ...dependencies, ...devDependencies }).map((name) =>
    name.startsWith('@types/') ? '@types/*' : name,
  );
  const shown = tableRows('docs/dependencies.md').map(([, name]) => name);
  expect(new Set(shown)).toEqual(new Set(names));
});

test('the program and its package have one version', () => {
  expect(VERSION).toBe(JSON.parse(read('package.json')).version);
});

test('versions are exact', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const versions = Object.values({ ...dependencies, ...devDependencies });
  expect(
    versions.filter((version) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version))),
  ).toEqual([]);
});

test('every script that a document names exists', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const named = DOCUMENTS.flatMap((path) => [
    ...read(path).matchAll(/npm run (?:-s )?(\w[\w-]*)/g),
  ]);
  expect(named.length).toBeGreaterThan(5);
  expect(named.map(([, name = '']) => name).filter((name) => !(name in scripts))).toEqual([]);
});
