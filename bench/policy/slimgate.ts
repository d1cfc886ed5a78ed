import { decide } from '../../src/policy/decide.ts';
import { compileTable } from '../../src/policy/parse-table.ts';
import { bucketResource } from '../../src/policy/resource.ts';
import type { Subject } from './subject.ts';
import { APP_ID, tenantName } from './world.ts';

const ACCOUNT = { appId: APP_ID, ownerUin: '100000000001' };
const RECEIVED_AT = new Date('2026-06-01T12:00:00Z');

export const slimgate: Subject = {
  title: 'Slimgate',
  async load(rows, { tenants }) {
    const names = Array.from({ length: tenants }, (_, n) => [tenantName(n), 'media'] as const);
    const content = { version: 'v', tenants: new Map(names), rows };
    const table = compileTable(content, new Set(['media']));
    return {
      prepare({ tenant, action, region, bucket, ip }) {
        const request = {
          tenant,
          action,
          resource: bucketResource({ region, bucket }, ACCOUNT),
          subAccount: { name: 'media', account: ACCOUNT },
          context: {
            sourceAddress: ip,
            receivedAt: RECEIVED_AT,
            operation: 'describe',
            configuration: null,
            claims: {},
          },
        } as const;
        return () => decide(request, table).effect === 'allow';
      },
    };
  },
};
