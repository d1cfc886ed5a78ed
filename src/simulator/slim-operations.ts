import { CloudError } from './cloud-errors.ts';
import { type CloudRequest, headerOf } from './read-request.ts';
import type { SlimSetting } from './slim-setting.ts';
import { readSlimSetting, writeSlimSetting } from './slim-xml.ts';

/** What an operation comes to, once it is allowed. */
export interface Outcome {
  readonly status: number;
  readonly xml: string;
  /** What the bucket is to be set to; null when the operation only looks. */
  readonly changedTo: SlimSetting | null;
}

/** One operation on a bucket. */
export interface SlimOperation {
  readonly name: string;
  /** The CAM action. Source: Cloud Infinite documentation, smart compression, permissions. */
  readonly action: string;
  readonly perform: (request: CloudRequest, current: SlimSetting) => Outcome;
}

const OPERATIONS: ReadonlyMap<string, SlimOperation> = new Map([
  ['PUT', { name: 'PutImageSlim', action: 'ci:SetImageSlim', perform: put }],
  ['GET', { name: 'GetImageSlim', action: 'ci:DescribeImageSlim', perform: get }],
  ['DELETE', { name: 'DeleteImageSlim', action: 'ci:SetImageSlim', perform: turnOff }],
]);

/**
 * The operation that a method and the sub-resource `image-slim` ask for.
 * @throws CloudError `NotImplemented` for anything but that sub-resource of a bucket
 */
export function slimOperationOf({ method, path, params }: CloudRequest): SlimOperation {
  if (path !== '/' || !params.some(([name]) => name === 'image-slim')) {
    throw new CloudError('NotImplemented', 'Only /?image-slim is offered here.');
  }
  const operation = OPERATIONS.get(method);
  if (operation === undefined) throw new CloudError('MethodNotAllowed');
  return operation;
}

function put(request: CloudRequest): Outcome {
  const framing = ['content-length', 'transfer-encoding'];
  if (framing.every((name) => headerOf(request, name) === undefined)) {
    throw new CloudError('MissingContentLength');
  }
  return { status: 200, xml: '', changedTo: readSlimSetting(request.body) };
}

function get(_request: CloudRequest, current: SlimSetting): Outcome {
  return { status: 200, xml: writeSlimSetting(current), changedTo: null };
}

/** Mode and suffixes are remembered, as the sample of the documentation shows them. */
function turnOff(_request: CloudRequest, current: SlimSetting): Outcome {
  return { status: 204, xml: '', changedTo: { ...current, status: 'off' } };
}
