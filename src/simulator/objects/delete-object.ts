import { emptyOutcome, type OperationCall, type Prepared } from '../operation.ts';

/** Remove an object; that there is none is no fault. Source: COS documentation, "DELETE Object". */
export function prepareDelete({ state, address }: OperationCall, key: string): Prepared {
  const place = { bucket: address.name, region: address.region, key };
  const seen = { changedTo: null, objects: [{ key, put: null }] };
  const apply = () => state.objects.remove(place);
  return { decide: () => emptyOutcome(204, {}, { seen, apply }) };
}
