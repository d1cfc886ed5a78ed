import { type Command, InvalidArgumentError } from 'commander';
import { withConfiguration } from './configuration-option.ts';
import { type InspectOptions, printInspection } from './token-inspect.ts';
import { printToken } from './token-mint.ts';
import { addRevocationVerbs } from './token-revocations.ts';

const DAY_SECONDS = 86_400;

/** The verbs about bearer tokens; without one of them a token is minted. */
export function addTokenVerbs(token: Command): void {
  withConfiguration(token.command('mint', { isDefault: true }))
    .description('mint a bearer token from the configured development issuer')
    .requiredOption('--tenant <name>', 'whom it names')
    .option('--lifetime <seconds>', 'how long it is valid, a day at most', lifetime, 3600)
    .action(printToken);

  withConfiguration(token.command('inspect'))
    .description('print what a token says, and whether this gateway would take it; exit 1 if not')
    .option('--file <file>', 'where the token is (default: the standard input)')
    .allowExcessArguments() // Refused here, because Commander would repeat them.
    .action((options: InspectOptions, command: Command) => {
      if (command.args.length > 0) command.error('error: a token is not an argument: pipe it in');
      return printInspection(options);
    });

  addRevocationVerbs(token);
}

function lifetime(text: string): number {
  const seconds = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= DAY_SECONDS) return seconds;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${DAY_SECONDS}.`);
}
