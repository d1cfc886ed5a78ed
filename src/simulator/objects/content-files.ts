import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../errors.ts';
import { syncDirectory } from '../replace-file.ts';

/** Files with the contents of objects: written once, read by many, removed after the last. */
export interface ContentFiles {
  pathOf(content: string): string;
  /** Keep a file for a reader. */
  lease(content: string): { readonly path: string; readonly release: () => void };
  /** Remove a file, at once or when its last reader has released it. */
  remove(content: string): Promise<void>;
  /** Bring the names of new files to disk. */
  sync(): Promise<void>;
}

/**
 * Open a directory of contents, which is made when it isn't there, and remove what no object needs.
 * @throws ConfigurationError when a content that an object needs is missing
 */
export async function contentFiles(
  directory: string,
  needed: ReadonlySet<string>,
): Promise<ContentFiles> {
  await mkdir(directory, { recursive: true });
  await keepOnly(directory, needed);
  const readers = new Map<string, number>();
  const abandoned = new Set<string>();
  const pathOf = (content: string) => join(directory, content);

  async function remove(content: string): Promise<void> {
    if (readers.has(content)) abandoned.add(content);
    else await rm(pathOf(content), { force: true });
  }

  function release(content: string): void {
    const others = (readers.get(content) ?? 1) - 1;
    if (others > 0) readers.set(content, others);
    else readers.delete(content);
    const isOver = others === 0 && abandoned.delete(content);
    // Not worth an answer: what stays is removed when the directory is opened next.
    if (isOver) void remove(content).catch(() => undefined);
  }

  function lease(content: string) {
    readers.set(content, (readers.get(content) ?? 0) + 1);
    let isHeld = true;
    return {
      path: pathOf(content),
      release() {
        if (isHeld) release(content);
        isHeld = false;
      },
    };
  }

  return { pathOf, lease, remove, sync: () => syncDirectory(directory) };
}

async function keepOnly(directory: string, needed: ReadonlySet<string>): Promise<void> {
  const present = new Set(await readdir(directory));
  const missing = [...needed].filter((content) => !present.has(content));
  if (missing.length > 0) {
    throw new ConfigurationError(
      'the kept objects are refused',
      missing.map((content) => `${join(directory, content)}: a content is missing`),
    );
  }
  const strays = [...present].filter((content) => !needed.has(content));
  await Promise.all(strays.map((content) => rm(join(directory, content), { force: true })));
}
