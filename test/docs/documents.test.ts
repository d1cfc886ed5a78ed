import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_TABLE } from '../../src/errors.ts';

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

test('the table of errors is the one in force', () => {
  const rows = Object.entries(ERROR_TABLE).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
  );
  const shown = read('docs/api.md')
    .split('\n')
    .filter((line) => /^\| `[a-z-]+` \| \d{3} \|/.test(line));
  expect(shown).toEqual(rows);
});

test('every dependency is there with its reason, and nothing else', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const names = Object.keys({ ...dependencies, ...devDependencies }).map((name) =>
    name.startsWith('@types/') ? '@types/*' : name,
  );
  const shown = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
    ([, name]) => name,
  );
  expect(new Set(shown)).toEqual(new Set(names));
});

test('versions are exact', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const versions = Object.values({ ...dependencies, ...devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
});

test('every script that a document names exists', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const named = DOCUMENTS.flatMap((path) => [
    ...read(path).matchAll(/npm (?:run (?:-s )?)(\w[\w-]*)/g),
  ]);
  expect(named.length).toBeGreaterThan(5);
  expect(named.map(([, name = '']) => name).filter((name) => !(name in scripts))).toEqual([]);
});
