import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Run commands as one types them, with `slimgate` on the path. */
export async function shell(directory: string, commands: string): Promise<string> {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\nexec '${process.execPath}' '${ROOT}bin/slimgate.js' "$@"\n`;
  writeFileSync(join(bin, 'slimgate'), script);
  chmodSync(join(bin, 'slimgate'), 0o755);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: directory,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
  });
  return stdout;
}
