import { expect, test } from 'vitest';
import { SLIMGATE_ACTIONS } from '../../src/policy/admin-operation.ts';
import { ASKED_ACTIONS, OBJECT_ACTION as ASKED_OF_OBJECTS, CALLS } from '../../src/policy/calls.ts';
import { OBJECT_ACTION, OPERATIONS } from '../../src/slim/operation.ts';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';

test('the calls are those of the domain, each with its action', () => {
  const own = Object.entries(OPERATIONS).flatMap(([operation, { action, hasBody }]) =>
    (hasBody ? SLIM_CONFIGURATIONS : [null]).map((configuration) => ({
      operation,
      action,
      configuration,
    })),
  );
  const onBuckets = CALLS.filter(({ action }) => action.startsWith('ci:'));
  expect(new Set(onBuckets.map((call) => JSON.stringify(call)))).toEqual(
    new Set(own.map((call) => JSON.stringify(call))),
  );
  expect(new Set(ASKED_ACTIONS)).toEqual(
    new Set([...own.map(({ action }) => action), ...SLIMGATE_ACTIONS]),
  );
  expect(ASKED_OF_OBJECTS).toBe(OBJECT_ACTION);
});
