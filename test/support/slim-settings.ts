import type { Simulator } from '../../src/simulator/create-simulator.ts';
import type { SlimSetting } from '../../src/simulator/slim-setting.ts';
import { EXAMPLE } from './objects.ts';

/** Both modes, for JPEG alone. */
export const BOTH_FOR_JPG: SlimSetting = { status: 'on', mode: 'Auto,API', suffixes: ['jpg'] };
export const API: SlimSetting = { status: 'on', mode: 'API', suffixes: [] };
export const OFF: SlimSetting = {
  status: 'off',
  mode: 'Auto,API',
  suffixes: ['jpg', 'png', 'gif'],
};

/** Switch compression in the example bucket. */
export async function setSlim(simulator: Simulator, setting: SlimSetting): Promise<void> {
  await simulator.setState(EXAMPLE.Bucket, EXAMPLE.Region, setting);
}
