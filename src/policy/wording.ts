import type { Explanation } from './explain.ts';
import type { Miss } from './misses.ts';
import type { NearestMiss } from './nearest-miss.ts';

/** Longer values of a request are cut: they are its sender’s, and may be long. */
const MAX_SHOWN = 80;

/** What did not fit, as half a sentence about the statement. */
export function missText(miss: Miss): string {
  switch (miss.element) {
    case 'action':
      return `it is about ${listed(miss.wanted)}, not ${quotedValue(miss.asked)}`;
    case 'resource':
      return resourceText(miss);
    case 'expires':
      return `it ended at ${miss.ended}`;
    case 'condition':
      return conditionText(miss);
  }
}

const SEGMENTS = {
  service: 'its service is',
  region: 'its region is',
  account: 'its account is',
  resource: 'its resource is',
  all: 'the action goes with the resource `*` alone, and its resource is',
} as const;

function resourceText({ segment, asked, wanted }: Miss & { element: 'resource' }): string {
  return `${SEGMENTS[segment]} ${quotedValue(wanted)}, not ${quotedValue(asked)}`;
}

function conditionText(miss: Miss & { element: 'condition' }): string {
  const { operator, key, wanted, given, outcome } = miss;
  const has = given === null ? 'does not have it' : `has ${quotedValue(given)}`;
  const cannot = outcome === 'open' && given !== null ? ', which cannot be compared' : '';
  return `its condition \`${operator}\` on \`${key}\` wants ${listed(wanted)}, and the request ${has}${cannot}`;
}

/** An explanation in sentences, one a line. */
export function explanationLines({ decision, open, nearestMiss }: Explanation): string[] {
  const by = decision.statements.map((id) => `\`${id}\``).join(', ');
  const verdict: Readonly<Record<typeof decision.reason, string>> = {
    allowed: `allowed by ${by}`,
    'explicit-deny': `denied by ${by}`,
    'undecidable-deny': `denied by ${by}, because it cannot be told whether its condition holds`,
    'default-deny': 'denied: no statement allows it',
    'unknown-tenant': 'denied: the tenant is not in the table',
    'other-account': 'denied: the bucket is not of the sub-account’s main account',
  };
  const lines = [verdict[decision.reason]];
  for (const { statement, misses } of open) {
    for (const miss of misses) lines.push(`\`${statement}\`: ${missText(miss)}`);
  }
  return nearestMiss === null ? lines : [...lines, nearestText(nearestMiss)];
}

/** The nearest miss in a sentence. */
export function nearestText({
  statement,
  misses,
  deniedBy,
}: Pick<NearestMiss, 'statement' | 'misses' | 'deniedBy'>): string {
  const denied = deniedBy.length > 0 ? `; and then ${listed(deniedBy)} would deny it` : '';
  return `closest is \`${statement}\`: ${misses.map(missText).join('; ')}${denied}`;
}

function listed(values: readonly unknown[]): string {
  return values.map(quotedValue).join(' or ');
}

function quotedValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `\`${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}\``;
}
