import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { createSimulator } from '../simulator/create-simulator.ts';
import { parseLocalCloud } from '../simulator/local-cloud.ts';
import { onStopSignal } from './stop-signal.ts';

interface SimulatorOptions {
  readonly cloud: string;
  readonly state: string;
  readonly host: string;
  readonly port: number;
  readonly strict: boolean;
  readonly testMode: boolean;
  readonly control: boolean;
}

export function addSimulator(command: Command): void {
  command
    .option('--cloud <file>', 'its accounts, keys and buckets', 'config/local-cloud.yaml')
    .option('--state <directory>', 'where bucket states are kept', 'var/cloud-infinite')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <number>', 'the port to listen on, 0 for any', wholeNumber, 8082)
    .option('--strict', 'refuse signatures that leave something uncovered', false)
    .option('--test-mode', 'let a request order a misbehaviour for itself, by a header', false)
    .option('--no-control', 'leave out the control API, which answers this machine alone')
    .action(runSimulator);
}

/** Run the local Cloud Infinite until it is told to stop. */
async function runSimulator(options: SimulatorOptions): Promise<void> {
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

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
