import { SLIMGATE_ACTIONS } from './admin-operation.ts';
import { CI_ACTIONS } from './ci-actions.ts';
import { quoted } from './report.ts';
import { matchWildcard, type Wildcard } from './wildcard.ts';

/** An action pattern of a statement. */
export interface ActionPattern {
  /** Null: all of them. */
  readonly service: string | null;
  readonly name: Wildcard;
}

/**
 * The services whose actions may stand in a table. Those of `ci` and of the gateway's own `slimgate`
 * are compared with the list of them; of the others, about which nothing is decided here, only the form counts.
 */
const SERVICES = ['ci', 'slimgate', 'cos', 'sts', 'cam', 'cvm'] as const;

/** Where the list is known, what is not in it is refused. */
const LISTED: Readonly<Record<string, ReadonlySet<string>>> = {
  ci: CI_ACTIONS,
  slimgate: SLIMGATE_ACTIONS,
};

/** Known actions of other services, so that these at least are not written in the wrong case. */
const COS_ACTIONS = ['cos:GetObject', 'cos:PutObject'] as const;

const FORM = /^([a-z]+):(?:[A-Za-z0-9]+\*?|\*)$/;
const RIGHT_CASE = new Map(
  [...CI_ACTIONS, ...SLIMGATE_ACTIONS, ...COS_ACTIONS].map((action) => [
    action.toLowerCase(),
    action,
  ]),
);

/**
 * Parse an action pattern: `service:Operation`, the same with the long prefix `name/`, or either
 * ending in `*`.
 * Source: CAM documentation, "Syntax", `action`. Case counts (unconfirmed upstream): a known
 * action in the wrong case is refused, because a deny written so would not bite.
 * @returns the pattern, or what is wrong with it
 */
export function parseActionPattern(text: string): ActionPattern | string {
  if (/^(?:permid|actionName)\//i.test(text)) {
    return 'names a feature set, which only generated policies have; name the actions';
  }
  const pattern = text.startsWith('name/') ? text.slice('name/'.length) : text;
  if (pattern === '*') return { service: null, name: pattern };
  const service = FORM.exec(pattern)?.[1];
  if (service === undefined)
    return 'must be `service:Operation`, and `*` can only stand at its end';
  if (!SERVICES.some((known) => known === service)) {
    return `is of no known service; there are ${quoted(SERVICES)}`;
  }
  const rightCase = RIGHT_CASE.get(pattern.toLowerCase());
  if (rightCase !== undefined && rightCase !== pattern) return `is written \`${rightCase}\``;
  const listed = LISTED[service];
  if (listed !== undefined && ![...listed].some((action) => matchWildcard(pattern, action))) {
    return 'matches no known action';
  }
  return { service, name: pattern };
}
