import { bytesOf, textOf, urlEncode } from '../canonical-form.ts';
import { CloudError } from '../cloud-errors.ts';
import { emptyOutcome, type OperationCall, type Outcome } from '../operation.ts';
import { type CloudRequest, paramOf } from '../read-request.ts';
import { container, element } from '../xml-element.ts';
import { type ListedObjects, type Listing, listObjects } from './list-objects.ts';
import { etagOf, type StoredObject } from './stored-object.ts';

/** Source: COS documentation, "GET Bucket (List Objects)", max-keys. */
const MAX_KEYS = 1000;

/** Source: COS documentation, "HEAD Bucket", response headers. */
export function headBucket({ address }: OperationCall): Outcome {
  return emptyOutcome(200, { 'x-cos-bucket-region': address.region });
}

/** @throws CloudError `InvalidArgument` */
export function getBucket({ request, address, state }: OperationCall): Outcome {
  const listing = readListing(request);
  const encode = encodingOf(request);
  const bucket = { bucket: address.name, region: address.region };
  const listed = listObjects(state.objects.list(bucket), listing);
  const body = [
    '<?xml version="1.0" encoding="UTF-8" ?>',
    container('ListBucketResult', [
      element('Name', address.name),
      ...(encode === asItIs ? [] : [element('EncodingType', 'url')]),
      ...pageElements(listing, listed, encode),
      ...listed.objects.map((object) => contentsElement(object, address.appId, encode)),
      ...listed.commonPrefixes.map((prefix) =>
        container('CommonPrefixes', [element('Prefix', encode(prefix))]),
      ),
    ]),
  ];
  return { status: 200, headers: {}, body: body.join(''), change: null };
}

type Encode = (text: string) => string;

const asItIs: Encode = (text) => text;

function encodingOf(request: CloudRequest): Encode {
  const encodingType = paramOf(request, 'encoding-type');
  if (encodingType === undefined || encodingType === '') return asItIs;
  if (encodingType !== 'url') throw new CloudError('InvalidArgument', 'encoding-type is not url.');
  return (text) => urlEncode(bytesOf(text));
}

function readListing(request: CloudRequest): Listing {
  const read = (name: string) => textOf(paramOf(request, name) ?? '');
  const maxKeys = read('max-keys') || String(MAX_KEYS);
  if (!/^0*[1-9][0-9]{0,8}$/.test(maxKeys)) {
    throw new CloudError('InvalidArgument', 'max-keys is not a positive number.');
  }
  return {
    prefix: read('prefix'),
    delimiter: read('delimiter'),
    marker: read('marker'),
    maxKeys: Math.min(Number(maxKeys), MAX_KEYS),
  };
}

function pageElements(
  { prefix, delimiter, marker, maxKeys }: Listing,
  { nextMarker }: ListedObjects,
  encode: Encode,
): readonly string[] {
  return [
    element('Prefix', encode(prefix)),
    element('Marker', encode(marker)),
    element('MaxKeys', String(maxKeys)),
    ...(delimiter === '' ? [] : [element('Delimiter', encode(delimiter))]),
    element('IsTruncated', String(nextMarker !== null)),
    ...(nextMarker === null ? [] : [element('NextMarker', encode(nextMarker))]),
  ];
}

function contentsElement(object: StoredObject, appId: string, encode: Encode): string {
  return container('Contents', [
    element('Key', encode(object.key)),
    element('LastModified', object.lastModified),
    element('ETag', etagOf(object)),
    element('Size', String(object.bytes)),
    container('Owner', [element('ID', appId), element('DisplayName', appId)]),
    element('StorageClass', 'STANDARD'),
  ]);
}
