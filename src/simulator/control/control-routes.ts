import { z } from 'zod';
import { misbehaviourSchema } from '../misbehaviour/misbehaviour.ts';
import { deleteBucket, listBuckets, putBucket, resetCloud } from './bucket-calls.ts';
import type { ControlCall, ControlResult } from './control-call.ts';
import { ControlProblem, readValue } from './control-problem.ts';

/** One call that is offered; `<name>` is a part of the path without a slash. */
export interface ControlRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly answer: (call: ControlCall) => ControlResult | Promise<ControlResult>;
}

/** The whole control API, below `/_control`. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  { method: 'GET', path: '/buckets', answer: listBuckets },
  { method: 'PUT', path: '/buckets/<name>', answer: putBucket },
  { method: 'DELETE', path: '/buckets/<name>', answer: deleteBucket },
  { method: 'GET', path: '/misbehaviour', answer: listMisbehaviour },
  { method: 'PUT', path: '/misbehaviour', answer: orderMisbehaviour },
  { method: 'DELETE', path: '/misbehaviour', answer: endMisbehaviour },
  { method: 'GET', path: '/witness', answer: listSeen },
  { method: 'POST', path: '/reset', answer: resetCloud },
];

/** A list of one may stand without its brackets. */
const orderSchema = z.preprocess(
  (given) => (Array.isArray(given) ? given : [given]),
  z.array(misbehaviourSchema).max(1000),
);

function listMisbehaviour({ parts }: ControlCall): ControlResult {
  return { status: 200, json: parts.misbehaviours.list() };
}

function orderMisbehaviour({ parts, given }: ControlCall): ControlResult {
  parts.misbehaviours.replace(readValue(orderSchema, given, 'a list of misbehaviours'));
  return listMisbehaviour({ parts, given, name: '', query: new URLSearchParams() });
}

function endMisbehaviour({ parts }: ControlCall): ControlResult {
  parts.misbehaviours.replace([]);
  return { status: 204 };
}

function listSeen({ parts, query }: ControlCall): ControlResult {
  const since = query.get('since') ?? '0';
  if (!/^[0-9]{1,15}$/.test(since)) {
    throw new ControlProblem(422, 'this is no place in what was seen', [
      'since: must be the `sequence` of the last entry you know, or 0',
    ]);
  }
  const seen = parts.witness.received().filter(({ sequence }) => sequence > Number(since));
  return { status: 200, lines: seen };
}
