import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { linkQuickly } from './link-quickly.ts';

/** A verb, or verbs about one thing. */
interface VerbGroup {
  readonly name: string;
  readonly description: string;
  /** What gives the group its verbs and options. */
  readonly load: () => Promise<(group: Command) => void>;
}

/** Each is loaded when it is asked for: to load the code of all would take most of the time. */
const GROUPS: readonly VerbGroup[] = [
  {
    name: 'start',
    description: 'start the gateway, and the local Cloud Infinite when the configuration embeds it',
    load: async () => (await import('./start.ts')).addStart,
  },
  {
    name: 'simulator',
    description: 'start the local Cloud Infinite alone',
    load: async () => (await import('./simulator.ts')).addSimulator,
  },
  {
    name: 'token',
    description: 'mint a bearer token, look at one, or revoke it',
    load: async () => (await import('./token.ts')).addTokenVerbs,
  },
  {
    name: 'audit',
    description: 'look at the audit journal',
    load: async () => (await import('./audit.ts')).addAuditVerbs,
  },
  {
    name: 'doctor',
    description: 'look at everything that a gateway needs, changing nothing; exit 1 on a failure',
    load: async () => (await import('./doctor.ts')).addDoctor,
  },
  {
    name: 'slim',
    description: 'set buckets, one or many',
    load: async () => (await import('./slim.ts')).addSlimVerbs,
  },
  {
    name: 'drift',
    description: 'compare buckets with their last recorded states; exit 1 unless all are in sync',
    load: async () => (await import('./drift.ts')).addDrift,
  },
  {
    name: 'savings',
    description: 'measure what compression saves on objects; the upstream bills for it',
    load: async () => (await import('./savings.ts')).addSavings,
  },
  {
    name: 'policy',
    description: 'ask the policy table, and change it',
    load: async () => (await import('./policy.ts')).addPolicyVerbs,
  },
  {
    name: 'config',
    description: 'look at the configuration',
    load: async () => (await import('./config.ts')).addConfigVerbs,
  },
];

/**
 * The command line.
 * @param words what was typed: the groups among them are loaded
 */
export async function createProgram(words: readonly string[]): Promise<Command> {
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
  for (const { name, description, load } of GROUPS) {
    const group = program.command(name).description(description);
    if (words.includes(name)) (await linkQuickly(load))(group);
  }
  return program;
}
