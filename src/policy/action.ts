import { matchWildcard } from './wildcard.ts';

/**
 * The actions that this table can speak about. Source: Cloud Infinite documentation, "CAM actions
 * and granularity"; COS documentation for the two on objects.
 */
export const KNOWN_ACTIONS = [
  'ci:SetImageSlim',
  'ci:DescribeImageSlim',
  'ci:CreateCIBucket',
  'ci:DeleteCIBucket',
  'ci:DescribeCIBuckets',
  'ci:SetDomain',
  'ci:DescribeDomain',
  'ci:SetCDNAccelerate',
  'ci:DescribeCDNAccelerate',
  'ci:Set4XXResponse',
  'ci:Describe4XXResponse',
  'ci:SetRefer',
  'ci:DescribeRefer',
  'ci:SetOriginProtect',
  'ci:DescribeOriginProtect',
  'ci:SetImageGuetzli',
  'ci:DescribeImageGuetzli',
  'ci:SetImageAdvancedCompression',
  'ci:DescribeImageAdvancedCompression',
  'ci:SetImageBlindWatermark',
  'ci:DescribeImageBlindWatermark',
  'ci:SetImageStyleSeparator',
  'ci:DescribeImageStyleSeparator',
  'ci:SetImageStyle',
  'ci:DescribeImageStyles',
  'ci:DescribeMediaBuckets',
  'ci:DescribeAsrBuckets',
  'ci:GetPrivateM3U8',
  'cos:GetObject',
  'cos:PutObject',
] as const;

const BY_LOWER_CASE = new Map(KNOWN_ACTIONS.map((action) => [action.toLowerCase(), action]));

/**
 * Parse an action pattern: `service:Operation`, the same with the long prefix `name/`, or either
 * ending in `*`.
 * Source: CAM documentation, "Syntax", `action`. Case counts (unconfirmed upstream): a known
 * action in the wrong case is refused, because a deny written so would not bite.
 * @returns the pattern without `name/`, or what is wrong with it
 */
export function parseActionPattern(text: string): { readonly pattern: string } | string {
  const pattern = text.startsWith('name/') ? text.slice('name/'.length) : text;
  if (pattern === '*') return { pattern };
  if (!/^[a-z]+:(?:[A-Za-z0-9]+\*?|\*)$/.test(pattern)) {
    return 'must be `service:Operation`, and `*` can only stand at its end';
  }
  if (KNOWN_ACTIONS.some((action) => matchWildcard(pattern, action))) return { pattern };
  const rightCase = BY_LOWER_CASE.get(pattern.toLowerCase());
  return rightCase === undefined ? 'matches no known action' : `is written \`${rightCase}\``;
}
