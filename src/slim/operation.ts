import type { SlimConfiguration } from './slim-configuration.ts';

export type OperationName = 'enable' | 'describe' | 'disable' | 'savings';

interface OperationKind {
  /** The same method towards us and upstream. */
  readonly method: 'PUT' | 'GET' | 'DELETE';
  /** The CAM action. There is no `ci:DeleteImageSlim`: disabling needs `ci:SetImageSlim`. */
  readonly action: 'ci:SetImageSlim' | 'ci:DescribeImageSlim';
  readonly hasBody: boolean;
  /** Whether it changes the bucket: only then an intent is recorded and a dry run makes sense. */
  readonly isMutation: boolean;
}

/** The operations, one a row. Source: Cloud Infinite documentation, "Smart compression". */
export const OPERATIONS: Readonly<Record<OperationName, OperationKind>> = {
  enable: { method: 'PUT', action: 'ci:SetImageSlim', hasBody: true, isMutation: true },
  describe: { method: 'GET', action: 'ci:DescribeImageSlim', hasBody: false, isMutation: false },
  disable: { method: 'DELETE', action: 'ci:SetImageSlim', hasBody: false, isMutation: true },
  // At a path of its own; each object needs OBJECT_ACTION besides.
  savings: { method: 'GET', action: 'ci:DescribeImageSlim', hasBody: false, isMutation: false },
};

/** What is called at the path of the setting itself. */
export const SETTING_OPERATIONS = ['enable', 'describe', 'disable'] as const;

/** To have an object downloaded. Source: COS documentation, using smart compression, permissions. */
export const OBJECT_ACTION = 'cos:GetObject';

/** A bucket by its full name (`examplebucket-1250000000`) in its region, validated. */
export interface BucketTarget {
  readonly region: string;
  readonly bucket: string;
  /** The digits at the end of the bucket's name. */
  readonly appId: string;
  /** The one host of its settings. */
  readonly host: string;
  /** Where its objects are. */
  readonly objectHost: string;
}

/** One call of a tenant, read and valid. */
export interface Operation {
  readonly name: OperationName;
  readonly target: BucketTarget;
  /** What to set: present exactly for `enable`. */
  readonly configuration: SlimConfiguration | null;
  /** Whether the caller wants to see the upstream request and have nothing sent. */
  readonly isDryRun: boolean;
}
