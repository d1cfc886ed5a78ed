import { CloudError } from './cloud-errors.ts';
import { emptyOutcome, type Operation, type OperationCall, type Outcome } from './operation.ts';
import { type CloudRequest, demandLength } from './read-request.ts';
import type { SlimSetting } from './slim-setting.ts';
import { readSlimSetting, writeSlimSetting } from './slim-xml.ts';

/** The CAM actions. Source: Cloud Infinite documentation, smart compression, permissions. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  [
    'PUT',
    { name: 'PutImageSlim', action: 'ci:SetImageSlim', needsBinding: true, prepare: preparePut },
  ],
  [
    'GET',
    {
      name: 'GetImageSlim',
      action: 'ci:DescribeImageSlim',
      needsBinding: true,
      prepare: (call) => ({ decide: () => get(call) }),
    },
  ],
  [
    'DELETE',
    {
      name: 'DeleteImageSlim',
      action: 'ci:SetImageSlim',
      needsBinding: true,
      prepare: (call) => ({ decide: () => turnOff(call) }),
    },
  ],
]);

/**
 * The operation that a method and the sub-resource `image-slim` ask for.
 * @throws CloudError `NotImplemented` for anything but that sub-resource of a bucket
 */
export function slimOperationOf({ method, path, params }: CloudRequest): Operation {
  if (path !== '/' || !params.some(([name]) => name === 'image-slim')) {
    throw new CloudError('NotImplemented', 'Only /?image-slim is offered on this host.');
  }
  const operation = OPERATIONS.get(method);
  if (operation === undefined) throw new CloudError('MethodNotAllowed');
  return operation;
}

function preparePut(call: OperationCall) {
  demandLength(call.request);
  const setting = readSlimSetting(call.body);
  return {
    decide() {
      // It may have been removed while the body was on its way.
      currentSetting(call.state.states.get(call.address));
      return emptyOutcome(200, {}, change(call, setting));
    },
  };
}

function get({ state, address }: OperationCall): Outcome {
  const body = writeSlimSetting(currentSetting(state.states.get(address)));
  return { status: 200, headers: {}, body, change: null };
}

/** Mode and suffixes are remembered, as the sample of the documentation shows them. */
function turnOff(call: OperationCall): Outcome {
  const current = currentSetting(call.state.states.get(call.address));
  return emptyOutcome(204, {}, change(call, { ...current, status: 'off' }));
}

function change({ state, address }: OperationCall, changedTo: SlimSetting) {
  return { seen: { changedTo }, apply: () => state.states.set(address, changedTo) };
}

/** A bucket that exists has one. */
function currentSetting(setting: SlimSetting | undefined): SlimSetting {
  if (setting === undefined) throw new CloudError('NoSuchBucket');
  return setting;
}
