import type { Properties } from "./values.js";
import type { Change } from "./diff.js";

/** What a resource kind is given beside its properties. */
export interface Context {
  urn: string;
  /** The resource's name in the program. */
  name: string;
  /** Replaces the status that the terminal shows beside the resource. */
  status: (message: string) => void;
  /** A line that stays. */
  warn: (message: string) => void;
  info: (message: string) => void;
  /** Aborted when the user interrupts the engine. */
  signal: AbortSignal;
}

/** The answer of `diff`. */
export interface DiffResult {
  changes: Change[];
  /** Top-level or nested property paths whose change makes it another thing: delete the old one, then create. */
  replace?: string[];
}

/** One resource type of the provider. Properties are plain here: secrets are unwrapped and wrapped by the server. */
export interface Kind {
  /** Pulumi type token. */
  token: string;
  /** Paths that are always secret in inputs and outputs; `*` stands for any key. */
  secrets: string[][];
  /** Problems of inputs as `[property, reason]`; touches nothing. */
  check?(inputs: Properties): [string, string][];
  diff(oldInputs: Properties, news: Properties, oldOutputs: Properties): DiffResult;
  /** What `create` or `update` would give, as far as it is known at preview (`values.unknown` elsewhere). */
  planned(inputs: Properties, olds?: Properties): Properties;
  /** What an update will do, in order, a sentence each, for a preview; touches nothing. */
  foretell?(olds: Properties, oldInputs: Properties, news: Properties): string[];
  /** What a create will replace of what is on the host, for a preview with `--refresh`: looks at the host, changes nothing. */
  overwrites?(context: Context, inputs: Properties): Promise<string[]>;
  /** As `planned`, by looking at the host, for a preview with `--refresh`; changes nothing. */
  foresee?(context: Context, inputs: Properties): Promise<Properties>;
  create(context: Context, inputs: Properties): Promise<{ id: string; outputs: Properties }>;
  /** Undefined only on proven absence: an error to reach the host must be thrown. */
  read(
    context: Context,
    id: string,
    inputs: Properties,
    outputs: Properties,
  ): Promise<{ inputs: Properties; outputs: Properties } | undefined>;
  update(
    context: Context,
    id: string,
    olds: Properties,
    oldInputs: Properties,
    news: Properties,
  ): Promise<{ outputs: Properties }>;
  delete(context: Context, id: string, outputs: Properties, inputs: Properties): Promise<void>;
}

/**
 * A create or update that stopped half way: the resource stays in the state with what is known of it, and the next
 * `up` continues.
 */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Properties,
    override readonly cause: Error,
    /** Inputs to keep instead of the new ones: an update that changed nothing keeps the old ones. */
    readonly inputs?: Properties,
  ) {
    super(cause.message);
  }
}
