import { CloudError } from '../cloud-errors.ts';
import { headerOf, type RequestHead } from '../read-request.ts';
import { type Misbehaviour, orderSchema } from './misbehaviour.ts';

/** Heard in test mode only. */
export const ORDER_HEADER = 'x-slimgate-misbehave';

/**
 * The misbehaviour that a request orders for itself, like `drip;dripBytesPerSecond=5`; null when it
 * orders none.
 * @throws CloudError `InvalidArgument` with what is wrong about it
 */
export function orderedByHeader(head: RequestHead): Misbehaviour | null {
  const text = headerOf(head, ORDER_HEADER);
  if (text === undefined) return null;
  const [kind, ...pairs] = text.split(';').map((part) => part.trim());
  const parameters = pairs.map((pair): [string, unknown] => {
    const [name = '', ...value] = pair.split('=');
    return [name, readValue(value.join('='))];
  });
  const parsed = orderSchema.safeParse({ ...Object.fromEntries(parameters), kind });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = [ORDER_HEADER, ...(issue?.path ?? [])].join('.');
  throw new CloudError('InvalidArgument', `${where}: ${issue?.message ?? 'is not valid'}`);
}

function readValue(text: string): string | number {
  return /^-?[0-9]{1,9}$/.test(text) ? Number(text) : text;
}
