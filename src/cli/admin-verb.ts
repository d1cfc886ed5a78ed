import { type Command, Option } from 'commander';

const DEFAULT_ADMIN = 'http://127.0.0.1:8081';
const ADMIN = '--admin <url>';

/** The options of a verb that asks the running gateway. */
export function withAdmin(command: Command): Command {
  return withToken(command.option(ADMIN, 'the admin listener of the gateway', DEFAULT_ADMIN));
}

/**
 * The options of a verb that asks the running gateway only when its listener is given.
 * @param offline the options that say where it looks otherwise
 */
export function withOnlineForm(command: Command, offline: string[]): Command {
  const admin = new Option(ADMIN, `ask the running gateway, at ${DEFAULT_ADMIN} or elsewhere`);
  return withToken(command.addOption(admin.conflicts(offline)));
}

function withToken(command: Command): Command {
  return command.option(
    '--token-file <file>',
    'a file with your bearer token',
    'var/tokens/security.jwt',
  );
}
