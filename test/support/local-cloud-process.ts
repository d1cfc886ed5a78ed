/**
 * A simulator in a process of its own, to be killed: `node local-cloud-process.ts <directory>`
 * prints its port and serves the default cloud.
 */
import { readFileSync } from 'node:fs';
import { createSimulator } from '../../src/simulator/create-simulator.ts';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';

const yamlText = readFileSync(new URL('../../config/local-cloud.yaml', import.meta.url), 'utf8');
const stateDirectory = process.argv[2] ?? '';
const simulator = await createSimulator({ cloud: parseLocalCloud(yamlText), stateDirectory });
process.stdout.write(`${simulator.port}\n`);
