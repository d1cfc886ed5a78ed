import { compileTable } from '../src/policy/parse-table.ts';
import type { PolicyTable } from '../src/policy/policy-table.ts';
import type { GatewaySetting } from './gateway-setting.ts';
import { rowsOf } from './policy/world.ts';
import { WORLD, writers } from './world.ts';

/** A table of many tenants or statements, or null when that of the file will do. */
export function largeTable({ tenants, statements }: GatewaySetting): PolicyTable | null {
  if (tenants === 1 && statements === 0) return null;
  const names = writers(tenants);
  const own = names.map((tenant) => ({
    id: `own-${tenant}`,
    principal: `tenant/${tenant}`,
    effect: 'allow',
    action: 'ci:*',
    resource: `qcs::ci::uid/${WORLD.appId}:bucket/bench-*`,
  }));
  // All of the one tenant who asks: each of them is one that may concern the request.
  const principal = `tenant/${WORLD.writer}`;
  const further = rowsOf({ statements, tenants: 1 }).map((row) => ({ ...row, principal }));
  const content = {
    version: 'bench',
    tenants: new Map(names.map((tenant) => [tenant, 'media'])),
    rows: [...own, ...further],
  };
  return compileTable(content, new Set(['media']));
}
