import { Command, InvalidArgumentError } from 'commander';
import { VERSION } from '../version.ts';
import { addAuditVerbs } from './audit.ts';
import {
  checkConfiguration,
  printConfiguration,
  printSchema,
  withConfiguration,
} from './config.ts';
import { addDoctorVerb } from './doctor.ts';
import { addPolicyVerbs } from './policy.ts';
import { printSavings } from './savings.ts';
import { runSimulator } from './simulator.ts';
import { addSlimVerbs } from './slim.ts';
import { start } from './start.ts';
import { withTenant } from './tenant-options.ts';
import { addTokenVerbs } from './token.ts';

/** The command line: one verb a file, declared here. */
export function createProgram(): Command {
  const program = new Command('slimgate')
    .description(
      'An internal gateway for smart image compression on Tencent Cloud Infinite:\n' +
        'JSON and a JWT in, an authorised, recorded and signed XML request out.',
    )
    .version(VERSION)
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 a finding, 2 wrong usage, 3 environment not fit.',
    )
    .showHelpAfterError('(slimgate --help shows what there is)');

  withConfiguration(program.command('start'))
    .description('start the gateway, and the local Cloud Infinite when the configuration embeds it')
    .action(start);

  program
    .command('simulator')
    .description('start the local Cloud Infinite alone')
    .option('--cloud <file>', 'its accounts, keys and buckets', 'config/local-cloud.yaml')
    .option('--state <directory>', 'where bucket states are kept', 'var/cloud-infinite')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <number>', 'the port to listen on, 0 for any', wholeNumber, 8082)
    .option('--strict', 'refuse signatures that leave something uncovered', false)
    .option('--test-mode', 'let a request order a misbehaviour for itself, by a header', false)
    .option('--no-control', 'leave out the control API, which answers this machine alone')
    .action(runSimulator);

  addTokenVerbs(program.command('token').description('mint a bearer token, or look at one'));

  addAuditVerbs(program.command('audit').description('look at the audit journal'));

  addDoctorVerb(program);
  addSlimVerbs(program.command('slim').description('set buckets, one or many'));

  withTenant(program.command('savings'))
    .description('measure what compression saves on objects; the upstream bills for it')
    .argument('<key...>', 'the keys of the objects')
    .requiredOption('--bucket <name>', 'its full name, with the APPID')
    .option('--region <code>', 'where it is', 'ap-shanghai')
    .option('--json', 'for programs', false)
    .action(printSavings);

  addPolicyVerbs(program.command('policy').description('ask the policy table, and change it'));

  const config = program.command('config').description('look at the configuration');
  withConfiguration(config.command('check'))
    .description('check everything that `start` would read; exit 1 when something is wrong')
    .action(checkConfiguration);
  withConfiguration(config.command('print'))
    .description('print the settings with all defaults')
    .action(printConfiguration);
  config
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .action(printSchema);
  return program;
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
