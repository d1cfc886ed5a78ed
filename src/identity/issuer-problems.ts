import type { IssuerSettings, KeySetSettings } from './issuer-settings.ts';
import { discoveryUrl, problemOfUrl } from './key-source.ts';
import { PRINTABLE, TENANT_NAME } from './tenant.ts';

/** Claims with a meaning of their own, which cannot name a tenant or groups. */
const OTHER_CLAIMS: readonly string[] = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'];

const MAX_TOLERANCE_SECONDS = 300;

/** What contradicts itself in an issuer's settings, its keys' material aside. */
export function problemsOfIssuer(settings: IssuerSettings): readonly string[] {
  return [
    ...problemsOfNames(settings),
    ...problemsOfTenants(settings),
    ...problemsOfTimes(settings),
    ...problemsOfKeys(settings),
    ...(settings.keySet ? problemsOfKeySet(settings.issuer, settings.keySet) : []),
  ].map((problem) => `issuer \`${settings.issuer}\`: ${problem}`);
}

/** The names that stand more than once, each once. */
export function repeatsOf(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function* problemsOfNames(settings: IssuerSettings): Generator<string> {
  const { issuer, audiences, tenantClaim, groupsClaim, keys } = settings;
  const kids = keys.flatMap(({ kid }) => kid ?? []);
  const claims = [tenantClaim, ...(groupsClaim == null ? [] : [groupsClaim])];
  const names = [issuer, ...claims, ...audiences, ...kids];
  if (!names.every((name) => PRINTABLE.test(name))) yield 'a name is empty, too long or not ASCII';
  if (audiences.length === 0) yield 'it has no audience';
  for (const claim of claims) {
    if (OTHER_CLAIMS.includes(claim)) yield `\`${claim}\` cannot name a tenant`;
  }
}

function* problemsOfTenants({ tenants, tenantsBySubject }: IssuerSettings): Generator<string> {
  for (const name of [...(tenants ?? []), ...Object.values(tenantsBySubject ?? {})]) {
    if (!TENANT_NAME.test(name)) yield `\`${name}\` is not a tenant’s name`;
  }
  for (const subject of Object.keys(tenantsBySubject ?? {})) {
    if (!PRINTABLE.test(subject)) yield 'a subject is empty, too long or not ASCII';
  }
}

function* problemsOfTimes({ toleranceSeconds, maxAgeSeconds }: IssuerSettings): Generator<string> {
  const tolerance = toleranceSeconds ?? 0;
  if (!(tolerance >= 0 && tolerance <= MAX_TOLERANCE_SECONDS)) {
    yield `toleranceSeconds is not between 0 and ${MAX_TOLERANCE_SECONDS}`;
  }
  if (maxAgeSeconds != null && !(maxAgeSeconds > 0)) yield 'maxAgeSeconds is not above 0';
}

function* problemsOfKeys({ keys, keySet }: IssuerSettings): Generator<string> {
  const kids = keys.flatMap(({ kid }) => kid ?? []);
  if (keys.length === 0 && !keySet) yield 'it has no key';
  if (keys.length > 0 && keySet) yield 'it has both keys and a key set';
  for (const kid of repeatsOf(kids)) yield `key \`${kid}\` stands twice`;
  const algorithms = keys.map(({ algorithm }) => algorithm);
  for (const { kid, algorithm } of keys) {
    if (kid === null && repeatsOf(algorithms).includes(algorithm)) {
      yield `one of several ${algorithm} keys has no \`kid\``;
    }
  }
}

function* problemsOfKeySet(issuer: string, settings: KeySetSettings): Generator<string> {
  const { place, algorithms, allowHttp } = settings;
  const secret = algorithms.find((algorithm) => algorithm.startsWith('HS'));
  if (secret !== undefined) yield `a key set has no keys for ${secret}: they are secrets`;
  if (algorithms.length === 0) yield 'its key set has no algorithm';
  for (const url of urlsOf(issuer, place)) {
    const problem = problemOfUrl(url, allowHttp);
    if (problem !== null) yield `\`${url}\` ${problem}`;
  }
}

function urlsOf(issuer: string, place: KeySetSettings['place']): readonly string[] {
  switch (place.from) {
    case 'file':
      return [];
    case 'url':
      return [place.url];
    case 'discovery':
      return [discoveryUrl(issuer), ...(place.jwksUrl === null ? [] : [place.jwksUrl])];
  }
}
