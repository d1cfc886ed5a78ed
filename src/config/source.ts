import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { parseStrictYaml } from '../strict-yaml.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where settings' values come from: files beside the configuration, and the environment. What is
 * missing is gathered in `problems`, and reading goes on, so that all of it is told at once.
 * `at` is the path of the setting that asks.
 */
export class Source {
  readonly problems: string[] = [];
  readonly #directory: string;
  readonly #environment: Environment;

  constructor(configurationFile: string, environment: Environment) {
    this.#directory = dirname(configurationFile);
    this.#environment = environment;
  }

  path(relative: string): string {
    return resolve(this.#directory, relative);
  }

  /** @param remedy how a file that is missing comes to be */
  text(path: string, at: string, remedy = ''): string {
    try {
      return readFileSync(this.path(path), 'utf8');
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const reason = isMissing ? `no such file${remedy}` : 'not readable';
      this.problems.push(`${at}: \`${path}\`: ${reason}`);
      return '';
    }
  }

  /** A file of YAML by a schema; null when it cannot be read, which is a problem noted. */
  yaml<Schema extends z.ZodType>(
    path: string,
    at: string,
    schema: Schema,
  ): z.output<Schema> | null {
    const before = this.problems.length;
    const text = this.text(path, at);
    if (this.problems.length > before) return null;
    try {
      return parseStrictYaml(at, text, schema);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      this.problems.push(...error.problems.map((problem) => `${at}: \`${path}\`: ${problem}`));
      return null;
    }
  }

  variable(name: string, at: string): string {
    const value = this.#environment[name];
    if (!value) this.problems.push(`${at}: the environment variable ${name} is not set`);
    return value ?? '';
  }

  optionalSecret(name: string): Secret | null {
    const value = this.#environment[name];
    return value ? new Secret(value) : null;
  }
}
