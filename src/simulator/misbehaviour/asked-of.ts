import { readBucketAddress } from '../bucket-address.ts';
import { operationOf } from '../operation-of.ts';
import { headerOf, type RequestHead, readRequest, readTarget } from '../read-request.ts';
import { isStsHost } from '../sts/sts-request.ts';
import type { Asked } from './misbehaviours.ts';

/** What a request asks for, as far as its head tells; whether it may have it is another matter. */
export function askedOf(head: RequestHead): Asked {
  const asked: { -readonly [Fact in keyof Asked]: Asked[Fact] } = {
    bucket: null,
    region: null,
    operation: null,
  };
  try {
    if (isStsHost(readTarget(head)?.host ?? '')) {
      return { ...asked, operation: headerOf(head, 'x-tc-action') ?? null };
    }
    const request = readRequest(head);
    const address = readBucketAddress(request.host);
    asked.bucket = address.name;
    asked.region = address.region;
    asked.operation = operationOf(address, request).name;
  } catch {
    // What is none of the cloud's operations asks for as much as could be read.
  }
  return asked;
}
