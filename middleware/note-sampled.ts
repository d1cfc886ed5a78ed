import type { RecordFacts } from '../src/audit/record.ts';
import type { Services } from '../src/services.ts';

/** Record what a stranger did, as far as the budget for strangers goes; beyond, it is counted. */
export function noteSampled(
  { refusalBudget, journal }: Pick<Services, 'refusalBudget' | 'journal'>,
  recordOf: () => RecordFacts,
): void {
  if (!refusalBudget.admit()) return;
  const skipped = refusalBudget.takeSkipped();
  if (skipped !== null) journal.note({ kind: 'refusals-skipped', ...skipped });
  journal.note(recordOf());
}
