import type { SessionPolicyName } from './credential-settings.ts';

interface SessionStatement {
  readonly effect: 'allow';
  readonly action: readonly string[];
  readonly resource: readonly string[];
}

const slim = (appId: string): SessionStatement => ({
  effect: 'allow',
  action: ['name/ci:SetImageSlim', 'name/ci:DescribeImageSlim'],
  resource: [`qcs::ci::uid/${appId}:bucket/*`],
});

const objects = (appId: string): SessionStatement => ({
  effect: 'allow',
  action: ['name/cos:GetObject'],
  resource: [`qcs::cos::uid/${appId}:*`],
});

const STATEMENTS: Readonly<
  Record<SessionPolicyName, readonly ((appId: string) => SessionStatement)[]>
> = { slim: [slim], 'slim-and-objects': [slim, objects], none: [] };

/**
 * The policy that narrows a session to what the gateway needs on the buckets of one APPID, URL-encoded
 * once as its parameter wants it; null for none.
 * Source: STS documentation, "AssumeRole", Policy; Cloud Infinite documentation, CAM resources.
 */
export function sessionPolicy(name: SessionPolicyName, appId: string): string | null {
  const statement = STATEMENTS[name].map((make) => make(appId));
  if (statement.length === 0) return null;
  return encodeURIComponent(JSON.stringify({ version: '2.0', statement }));
}
