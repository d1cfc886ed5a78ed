import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Ends the names of files that a crash may leave behind; they may be removed. */
export const UNFINISHED = '.new';

/**
 * Put a text in place of a file's, if it is there; on disk when this resolves. One at a time for
 * each name.
 *
 * INVARIANT: at every moment the name leads to the whole old text or to the whole new one.
 */
export async function replaceFile(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, name);
  const file = await open(path + UNFINISHED, 'w');
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path + UNFINISHED, path);
  await syncDirectory(directory);
}

/** Bring names that were added to or removed from a directory to disk. */
export async function syncDirectory(directory: string): Promise<void> {
  const file = await open(directory, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
