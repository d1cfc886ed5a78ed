import { readFileSync } from 'node:fs';
import { createSimulator } from '../simulator/create-simulator.ts';
import { parseLocalCloud } from '../simulator/local-cloud.ts';
import { onStopSignal } from './stop-signal.ts';

export interface SimulatorOptions {
  readonly cloud: string;
  readonly state: string;
  readonly host: string;
  readonly port: number;
  readonly strict: boolean;
  readonly testMode: boolean;
  readonly control: boolean;
}

/** Run the local Cloud Infinite until it is told to stop. */
export async function runSimulator(options: SimulatorOptions): Promise<void> {
  const { cloud, state, host, port, strict, testMode, control } = options;
  const simulator = await createSimulator({
    cloud: parseLocalCloud(readFileSync(cloud, 'utf8')),
    stateDirectory: state,
    host,
    port,
    strict,
    testMode,
    control,
  });
  // First, for whoever waits for the line to stop it then.
  onStopSignal(() => simulator.close());
  process.stdout.write(`the local Cloud Infinite listens on ${simulator.url}\n`);
}
