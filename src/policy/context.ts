import type { Claims } from '../identity/tenant.ts';
import { parseAddress } from '../ip-address.ts';
import type { OperationName } from '../slim/operation.ts';
import type { SlimConfiguration } from '../slim/slim-configuration.ts';
import type { AdminOperationName } from './admin-operation.ts';

/** What conditions may ask about, as the gateway knows it: nothing of it is the caller's word. */
export interface DecisionContext {
  /** Of the peer; null when the connection is gone. */
  readonly sourceAddress: string | null;
  readonly receivedAt: Date;
  readonly operation: OperationName | AdminOperationName;
  /** What would be set; null for an operation that sets nothing. */
  readonly configuration: SlimConfiguration | null;
  /** Of the verified token. */
  readonly claims: Claims;
}

/**
 * The same, made ready for comparing, once for all conditions of a decision. Throughout, undefined
 * means that the request does not have it, and null that it cannot be compared.
 */
export interface ContextValues {
  readonly address: Uint16Array | null | undefined;
  /** Unix milliseconds. */
  readonly time: number;
  readonly operation: OperationName | AdminOperationName;
  readonly modes: readonly string[] | undefined;
  readonly suffixes: readonly string[] | undefined;
  readonly claims: Claims;
}

export function contextValues(context: DecisionContext): ContextValues {
  return new Values(context);
}

class Values implements ContextValues {
  readonly time: number;
  readonly operation: OperationName | AdminOperationName;
  readonly modes: readonly string[] | undefined;
  readonly suffixes: readonly string[] | undefined;
  readonly claims: Claims;
  readonly #sourceAddress: string | null;
  #address: ContextValues['address'];

  constructor({ sourceAddress, receivedAt, operation, configuration, claims }: DecisionContext) {
    this.time = receivedAt.getTime();
    this.operation = operation;
    this.modes = configuration?.modes;
    this.suffixes = configuration?.suffixes;
    this.claims = claims;
    this.#sourceAddress = sourceAddress;
  }

  /** Few conditions ask for it, and to parse it takes longer than all the rest. */
  get address(): ContextValues['address'] {
    if (this.#address === undefined && this.#sourceAddress !== null) {
      this.#address = parseAddress(this.#sourceAddress);
    }
    return this.#address;
  }
}
