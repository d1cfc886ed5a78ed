import type { OperationName } from '../slim/operation.ts';
import type { SlimConfiguration } from '../slim/slim-configuration.ts';
import { ADMIN_OPERATIONS, type AdminOperationName } from './admin-operation.ts';
import { MODES, OPERATIONS, SUFFIXES } from './condition-key.ts';
import type { DecisionContext } from './context.ts';

/** What the gateway can ask the table: an operation on a bucket, with what it would set, or one of
 * its own management. */
export interface Call {
  readonly operation: DecisionContext['operation'];
  readonly action: string;
  readonly configuration: SlimConfiguration | null;
}

/** The action that each operation asks for. */
const ACTIONS: Readonly<Record<OperationName, string>> = {
  enable: 'ci:SetImageSlim',
  disable: 'ci:SetImageSlim',
  describe: 'ci:DescribeImageSlim',
  savings: 'ci:DescribeImageSlim',
};

const BUCKET_CALLS = OPERATIONS.flatMap((operation): Call[] => {
  const action = ACTIONS[operation];
  if (operation !== 'enable') return [{ operation, action, configuration: null }];
  return configurations().map((configuration) => ({ operation, action, configuration }));
});

const ADMIN_CALLS = (Object.keys(ADMIN_OPERATIONS) as AdminOperationName[]).map(
  (operation): Call => ({
    operation,
    action: ADMIN_OPERATIONS[operation],
    configuration: null,
  }),
);

/**
 * All that there are: enabling with each of the 15 configurations, disabling, describing and measuring, and
 * the gateway's own management.
 */
export const CALLS: readonly Call[] = [...BUCKET_CALLS, ...ADMIN_CALLS];

/** The actions that are ever asked for. */
export const ASKED_ACTIONS: readonly string[] = [...new Set(CALLS.map(({ action }) => action))];
/** What is asked about an object whose savings are measured. */
export const OBJECT_ACTION = 'cos:GetObject';

function configurations(): SlimConfiguration[] {
  // In their canonical order, which is the other way round.
  return subsets(MODES.toReversed()).flatMap((modes) => {
    if (modes.length === 0) return [];
    return subsets(SUFFIXES)
      .filter((suffixes) => suffixes.length > 0 === modes.includes('Auto'))
      .map((suffixes) => ({ modes, suffixes }));
  });
}

/** All subsets of a list, the empty one first. */
export function subsets<Item>(items: readonly Item[]): (readonly Item[])[] {
  return items.reduceRight<Item[][]>(
    (rest, item) => rest.flatMap((subset) => [subset, [item, ...subset]]),
    [[]],
  );
}
