import { expect, test } from 'vitest';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import { BUCKET, REGION, startGateway } from '../support/gateway.ts';

test('every slim configuration is enabled, read back and disabled, and the bucket agrees', async () => {
  const gateway = await startGateway();
  expect(SLIM_CONFIGURATIONS).toHaveLength(15);

  for (const { modes, suffixes } of SLIM_CONFIGURATIONS) {
    const body = modes.includes('Auto') ? { modes, suffixes } : { modes };
    const put = await gateway.call('PUT', { body });
    expect(put.status).toBe(200);
    const receipt = put.headers.get('slimgate-receipt');
    expect(await put.json()).toEqual({ status: 'on', modes, suffixes, receipt });
    expect(gateway.simulator.stateOf(BUCKET, REGION)).toEqual({
      status: 'on',
      mode: modes.join(','),
      suffixes,
    });

    const get = await gateway.call('GET');
    expect(get.status).toBe(200);
    expect(await get.json()).toEqual({ status: 'on', modes, suffixes });
    expect(get.headers.get('etag')).toBe(put.headers.get('etag'));

    const del = await gateway.call('DELETE');
    expect(del.status).toBe(204);
    expect(await del.text()).toBe('');
    expect(gateway.simulator.stateOf(BUCKET, REGION)?.status).toBe('off');
    expect(await (await gateway.call('GET')).json()).toMatchObject({ status: 'off' });
  }
});
