import type { IssuedCredentials } from './credentials.ts';

/** Keys that stay as they are until the process ends. */
export interface FixedSettings {
  readonly from: 'environment';
  readonly issued: IssuedCredentials;
}

/** Keys in a file that may change. */
export interface FileSettings {
  readonly from: 'file';
  /** As it was read at start. */
  readonly first: IssuedCredentials;
  /** Rejects with a ConfigurationError that holds nothing of the file's content. */
  readonly read: () => Promise<IssuedCredentials>;
  readonly pollMs: number;
}

/** Keys that the machine is given for a role. */
export interface MetadataSettings {
  readonly from: 'metadata';
  readonly role: string;
}

/** Temporary keys of a role. Source: STS documentation, "AssumeRole". */
export interface AssumeRoleSettings {
  readonly from: 'sts';
  /** Who asks for them. */
  readonly caller: FixedSettings | FileSettings | MetadataSettings;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly externalId: string | null;
  /** What the session may do of what the role may. */
  readonly sessionPolicy: SessionPolicyName;
}

export type SessionPolicyName = 'slim' | 'slim-and-objects' | 'none';

/** Where the keys of a sub-account come from. */
export type CredentialSettings =
  | FixedSettings
  | FileSettings
  | MetadataSettings
  | AssumeRoleSettings;
