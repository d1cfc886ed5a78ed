import { Drawer, type Drawers } from './drawer.ts';
import { countKeys } from './key-counts.ts';
import { type PatternKey, patternKeys } from './path-words.ts';
import type { Statement } from './statement.ts';
import type { Entry } from './statement-index.ts';

/** Make a drawer for everyone who has a statement. */
export function drawersFor(statements: readonly Statement[]): Drawers {
  const drawers: Drawers = { tenant: new Map(), 'sub-account': new Map() };
  let count = 0;
  for (const { principal } of statements) {
    const byName = drawers[principal.kind];
    if (byName.has(principal.name)) continue;
    count += 1;
    byName.set(principal.name, new Drawer(count));
  }
  return drawers;
}

/**
 * File each entry under the key of its path under which fewest others would come to stand.
 * @returns the key of each
 */
export function fileEntries(entries: readonly Entry[]): Int32Array {
  const counts = countKeys();
  for (const { terms, path } of entries) {
    const keys = patternKeys(path);
    if (keys.length > 1) for (const { hash } of keys) counts.add(terms.drawer.keyOf(hash));
  }
  return Int32Array.from(entries, ({ terms: { drawer }, path }) => {
    const times = ({ hash }: PatternKey) => counts.countOf(drawer.keyOf(hash));
    const keys = patternKeys(path);
    return drawer.file(keys.reduce((best, one) => (times(one) < times(best) ? one : best)));
  });
}
