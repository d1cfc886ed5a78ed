import type { Command } from 'commander';

export interface ConfigurationOption {
  readonly config: string;
}

/** A verb that reads the configuration. */
export function withConfiguration(command: Command): Command {
  return command.option('--config <file>', 'the configuration', 'config/gateway.yaml');
}
