import { GatewayError } from '../errors.ts';
import { Following } from '../following.ts';
import type { PolicyVersion, PolicyVersions } from '../store/policy-versions.ts';
import type { PolicyTable } from './policy-table.ts';

/** A version with what came of it. */
export interface CompiledVersion {
  readonly number: number;
  readonly digest: string;
  readonly table: PolicyTable;
}

/** How the table in force stands towards the database. */
export interface TableStatus {
  readonly version: string;
  /** Whether it has been confirmed too long ago to be relied on. */
  readonly isStale: boolean;
  /** Why the last look at the database did not confirm it; null when it did. */
  readonly problem: string | null;
}

export interface TableInForceOptions {
  readonly versions: Pick<PolicyVersions, 'latest' | 'read'>;
  /** @throws Error when this program cannot use it */
  readonly compile: (version: PolicyVersion) => PolicyTable;
  readonly first: CompiledVersion;
  readonly settings: { readonly maxStaleMs: number; readonly refuseWhenStale: boolean };
  /** Milliseconds of a clock that is never set. */
  readonly elapsedMs: () => number;
  /** Hears at once of versions that others make, where the database can tell. */
  readonly listen: (onNotice: () => void) => { close(): Promise<void> };
  /** Called when it becomes stale or confirmed, or another version comes into force. */
  readonly onChange: (status: TableStatus) => void;
}

/**
 * The compiled snapshot that decisions are taken from, kept at the latest version. A version that
 * cannot be used leaves the one before in force, which is then no longer confirmed.
 */
export class TableInForce {
  readonly #options: TableInForceOptions;
  #inForce: CompiledVersion;
  readonly #following: Following<TableStatus>;
  readonly #listener: { close(): Promise<void> };

  constructor(options: TableInForceOptions) {
    this.#options = options;
    this.#inForce = options.first;
    this.#following = new Following({
      ...options,
      follow: () => this.#follow().catch(problemOf),
      status: () => this.status(),
    });
    this.#following.begin();
    this.#listener = options.listen(() => void this.look());
  }

  /**
   * The table to decide by.
   * @throws GatewayError `policy-stale` when it may have been changed long since
   */
  current(): PolicyTable {
    if (this.#options.settings.refuseWhenStale && this.#following.isStale) {
      throw new GatewayError(
        'policy-stale',
        'nothing is decided until the database confirms the policy table; repeat this later',
        { headers: { 'retry-after': '1' } },
      );
    }
    return this.#inForce.table;
  }

  status(): TableStatus {
    const { table } = this.#inForce;
    const { isStale, problem } = this.#following;
    return { version: table.version, isStale, problem };
  }

  /** Put a version into force that has just become the latest. */
  adopt(version: CompiledVersion): void {
    if (version.number <= this.#inForce.number) return;
    this.#inForce = version;
    this.#following.tell();
  }

  /** Look at the database now: what was durable before this call is in force after it. */
  look(): Promise<void> {
    return this.#following.look();
  }

  /** Look no more; what is being looked at is awaited. */
  async close(): Promise<void> {
    const ended = this.#following.close();
    await this.#listener.close();
    await ended;
  }

  /** Come to the latest version, or tell why not. */
  async #follow(): Promise<string | null> {
    const { versions, compile } = this.#options;
    // A version may be adopted while the database answers: what it answers is older then.
    const asked = this.#inForce.number;
    const latest = await versions.latest();
    const { number, digest } = this.#inForce;
    if (latest !== null && latest.number >= asked && latest.number < number) return null;
    if (latest === null || latest.number < number) {
      return `the database holds version ${latest?.number ?? 0} at most, and ${number} is in force`;
    }
    if (latest.number === number) {
      if (latest.digest === digest) return null;
      return `version ${number} of the database is not the version ${number} in force`;
    }
    const version = await versions.read(latest.number);
    if (version === null) return `version ${latest.number} cannot be read`;
    this.adopt({ ...latest, table: compile(version) });
    return null;
  }
}

function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s*\n\s*/g, ' ');
}
