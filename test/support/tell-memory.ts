import { writeFileSync } from 'node:fs';

/**
 * Loaded into a process by `--import`, with `--expose-gc`: on SIGUSR2 it collects all garbage, and
 * writes what memory is held into the file that stands behind `?` in its own address.
 */
const file = decodeURIComponent(new URL(import.meta.url).search.slice(1));
process.on('SIGUSR2', () => {
  // What a first collection lets go of, weak references above all, only a second one frees.
  globalThis.gc?.();
  globalThis.gc?.();
  writeFileSync(file, JSON.stringify(process.memoryUsage()));
});
