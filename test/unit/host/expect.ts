import assert from "node:assert/strict";
import { HostError } from "../../../infra/host/errors.js";
import type { HostErrorKind } from "../../../infra/host/types.js";

/** The {@link HostError} that a promise must end with, of the given kind. */
export async function hostError(promise: Promise<unknown>, kind: HostErrorKind): Promise<HostError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof HostError, `not a HostError: ${String(error)}`);
    assert.equal(error.kind, kind, error.message);
    return error;
  }
  throw new assert.AssertionError({ message: `no error, expected kind ${kind}` });
}

/** Why tests with an sshd of their own cannot run here; `false` when they can. */
export const noSshd: string | false = process.getuid?.() === 0 ? false : "needs root, for a mount namespace of its own";
