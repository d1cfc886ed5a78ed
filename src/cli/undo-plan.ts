import type { StateBefore } from '../audit/record.ts';
import { AUDIT_RECORD, type AuditRecord } from '../audit/record-shape.ts';
import {
  configurationKey,
  etagOf,
  SLIM_CONFIGURATIONS,
  type SlimConfiguration,
  type SlimState,
} from '../slim/slim-configuration.ts';

/** How a change is undone. */
export interface UndoPlan {
  readonly target: { readonly region: string; readonly bucket: string };
  /** What to set; null to switch off. */
  readonly configuration: SlimConfiguration | null;
  /** The entity tags of the states that the change may have left. */
  readonly ifMatch: readonly string[];
}

/** Why a change cannot be undone, and what can be done in place of it. */
export class UndoRefusal extends Error {
  override readonly name = 'UndoRefusal';
}

type Closing = Extract<AuditRecord, { kind: 'closing' }>;
type Members = Readonly<Record<string, unknown>>;

const OFF: SlimState = { status: 'off', modes: [], suffixes: [] };

/**
 * Find in the records of a request how to undo it.
 * @param isForgetful whether plain off will do for an off that remembered modes
 * @throws UndoRefusal
 */
export function undoPlan(records: readonly Members[], isForgetful: boolean): UndoPlan {
  const closing = records.flatMap((members) => closingOf(members) ?? []).at(0);
  if (closing === undefined) {
    throw new UndoRefusal('there is no closing record of this request, or not yet');
  }
  const { outcome, code, operation } = closing;
  const { region, bucket } = operation;
  if (outcome !== 'applied' && outcome !== 'unknown') {
    throw new UndoRefusal(`it changed nothing: ${[outcome, code].filter(Boolean).join(', ')}`);
  }
  if (region === null || bucket === null) throw new UndoRefusal('it is no change of a bucket');
  const before = stateOf(closing.stateBefore);
  return {
    target: { region, bucket },
    configuration: configurationOf(before, isForgetful),
    ifMatch: statesAfter(closing, before).map((state) => `"${etagOf(state)}"`),
  };
}

/** The index adds to a record which journal it stands in. */
function closingOf({ journal, ...members }: Members): Closing | null {
  const record = AUDIT_RECORD.safeParse(members).data;
  return record?.kind === 'closing' ? record : null;
}

function stateOf(before: StateBefore | undefined): SlimState {
  const { status = null, modes = null, suffixes = null, code = 'not-asked' } = before ?? {};
  if (code === 'not-certain') {
    throw new UndoRefusal(
      'the state before has something that is not known here, or none was told',
    );
  }
  if (status === null) throw new UndoRefusal(`the state before is not known: ${code}`);
  return { status, modes: modes ?? [], suffixes: suffixes ?? [] };
}

function configurationOf(before: SlimState, isForgetful: boolean): SlimConfiguration | null {
  const key = configurationKey(before);
  if (before.status === 'off') {
    if (key === configurationKey(OFF) || isForgetful) return null;
    throw new UndoRefusal(
      `the bucket was off and remembered ${key.trim()}, which cannot be set back; --forget switches it off`,
    );
  }
  const found = SLIM_CONFIGURATIONS.find((one) => configurationKey(one) === key);
  if (found !== undefined) return found;
  throw new UndoRefusal(`the bucket was on with ${key.trim() || 'no mode'}, which cannot be set`);
}

/** Whether a bucket that is switched off remembers what it was is not documented. */
function statesAfter({ operation }: Closing, before: SlimState): readonly SlimState[] {
  if (operation.name === 'disable') return [OFF, { ...before, status: 'off' }];
  const key = `${operation.modes?.join(',')} ${operation.suffixes?.join(',')}`;
  const set = SLIM_CONFIGURATIONS.find((one) => configurationKey(one) === key);
  if (operation.name !== 'enable' || set === undefined) {
    throw new UndoRefusal('it is no change of a bucket');
  }
  return [{ status: 'on', ...set }];
}
