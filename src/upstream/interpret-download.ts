import type { ObjectAnswer, ObjectFault } from '../savings/measure.ts';
import { parseStrictXml, StrictXmlError, textOf } from '../strict-xml.ts';
import type { DownloadHeaders, DownloadResult } from './download.ts';

/** Read the end of a download: what it says of the object, or why it says nothing. */
export function interpretDownload(result: DownloadResult): ObjectAnswer {
  if (result.kind === 'fault') return FAULTS[result.fault];
  const { status, headers, bytes, head } = result;
  // Without a `Range` a part is no answer.
  if (status !== 200) return refusalOf(status, head);
  return {
    bytes,
    originalBytes: numberOf(headers['x-orisize']),
    flag: flagOf(headers),
  };
}

const FAULTS: Readonly<Record<(DownloadResult & { kind: 'fault' })['fault'], ObjectFault>> = {
  unreachable: 'upstream-failed',
  reset: 'upstream-failed',
  truncated: 'upstream-failed',
  'too-large': 'object-too-large',
  timeout: 'timeout',
  'not-accepted': 'not-an-image',
};

/** Source: COS documentation, "Error Codes". */
const REFUSALS: ReadonlyMap<string, ObjectFault> = new Map([
  ['NoSuchKey', 'no-such-object'],
  ['AccessDenied', 'upstream-access-denied'],
  ['ImageTooLarge', 'object-too-large'],
  ['InvalidImageFormat', 'not-an-image'],
]);

function refusalOf(status: number, head: Buffer): ObjectFault {
  return REFUSALS.get(codeIn(head)) ?? (status === 404 ? 'no-such-object' : 'upstream-failed');
}

function codeIn(document: Buffer): string {
  if (document.length === 0) return '';
  try {
    const { rootName, root } = parseStrictXml(document);
    return rootName === 'Error' ? (textOf(root, 'Code') ?? '') : '';
  } catch (error) {
    if (!(error instanceof StrictXmlError)) throw error;
    return '';
  }
}

const FLAGS = new Map([
  ['0', 'failed'],
  ['1', 'compressed'],
  ['2', 'as-it-is'],
] as const);

function flagOf(headers: DownloadHeaders) {
  return FLAGS.get((headers['x-slimflag'] ?? '') as '0') ?? null;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}
