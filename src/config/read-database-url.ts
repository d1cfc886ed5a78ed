import type { Secret } from '../secret.ts';
import type { Source } from './source.ts';

const VARIABLE = 'DATABASE_URL';

/** Where PostgreSQL is; null when the variable is not set. What it holds is repeated nowhere. */
export function readDatabaseUrl(source: Source): Secret | null {
  const url = source.optionalSecret(VARIABLE);
  if (url !== null && !/^postgres(?:ql)?:\/\/\S+$/.test(url.reveal())) {
    source.problems.push(`${VARIABLE}: must look like postgres://USER:PASSWORD@HOST/NAME`);
  }
  return url;
}
