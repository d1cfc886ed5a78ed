import { recordsOfRequest } from '../audit/reading.ts';
import { SlimgateError } from '../client/client.ts';
import { settingText } from './fleet/look.ts';
import { print } from './policy-lines.ts';
import { calledOrTold } from './tenant-call.ts';
import { type TenantOptions, tenantClient } from './tenant-options.ts';
import { type UndoPlan, UndoRefusal, undoPlan } from './undo-plan.ts';

interface UndoOptions extends TenantOptions {
  readonly journal?: string;
  readonly force: boolean;
  readonly forget: boolean;
  readonly json: boolean;
}

/**
 * Set a bucket back to what it was before a change, by an ordinary change: decided, recorded, and
 * only in the state that the undone one has left.
 */
export async function undoChange(requestId: string, options: UndoOptions): Promise<void> {
  const plan = await plannedOrTold(requestId, options);
  if (plan === null) return;
  const answer = await calledOrTold(carriedOut(plan, options));
  if (answer === null) return;
  const { region, bucket } = plan.target;
  const undone = {
    ...plan.target,
    configuration: plan.configuration,
    undone: requestId,
    ...answer,
  };
  const setting = settingText(plan.configuration);
  print(undone, [`${region}/${bucket}: ${setting} (request ${answer.requestId})`], options);
}

async function plannedOrTold(requestId: string, options: UndoOptions): Promise<UndoPlan | null> {
  const records = await calledOrTold(recordsOf(requestId, options));
  if (records === null) return null;
  try {
    return undoPlan(records, options.forget);
  } catch (error) {
    if (!(error instanceof UndoRefusal)) throw error;
    process.stderr.write(`slimgate: not undone: ${error.message}\n`);
    process.exitCode = 1;
    return null;
  }
}

async function recordsOf(requestId: string, { journal, ...options }: UndoOptions) {
  if (journal === undefined) return tenantClient(options).records({ requestId });
  const records: Readonly<Record<string, unknown>>[] = [];
  for await (const { members } of recordsOfRequest(journal, requestId)) records.push(members);
  return records;
}

async function carriedOut(
  { target, configuration, ifMatch }: UndoPlan,
  options: UndoOptions,
): Promise<{ readonly requestId: string }> {
  const client = tenantClient(options);
  const condition = options.force ? {} : { ifMatch };
  try {
    return configuration === null
      ? await client.disable(target, condition)
      : await client.enable(target, configuration, condition);
  } catch (error) {
    if (!(error instanceof SlimgateError) || error.code !== 'precondition-failed') throw error;
    const detail = 'the bucket has changed since; look at it, then undo with --force if you must';
    throw new SlimgateError({ ...error.problem, detail });
  }
}
