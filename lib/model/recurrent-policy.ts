import { GatecastError, misfit } from '../base/errors.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readFileWhole } from '../files/read-file.ts';
import { AttachedPolicy } from '../network/attached-policy.ts';
import type { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { StateDict, Tensor } from '../base/tensor.ts';
import { checkMaker, MAKER } from '../base/maker.ts';
import type { PolicyDescription } from './policy-description.ts';
import { formatPolicyFile, parsePolicyFile } from './policy-file.ts';
import { checkPolicyGoldens, makePolicyGoldens } from './policy-golden.ts';
import { checkPolicyParts, denseHead, type PolicyParts, policyForm, policyNetwork } from './policy-parts.ts';
import { checkDigest, inFile } from './sealed-file.ts';

/** The name of the method that starts a native run. */
export const startRun: unique symbol = Symbol('start run');

/**
 * A recurrent policy that was trained elsewhere, with its normaliser, the signal that clears its memory and the scaling
 * of its actions. It never changes and may serve any number of runs, each with a memory of its own. `policy(model)`
 * starts a run.
 *
 * ```ts
 * const walk = await RecurrentPolicy.load('walk.gatecast');
 * const loop$ = controlLoop({ hz: 50, decide: policy(walk), ... });
 * ```
 */
export class RecurrentPolicy {
  readonly description: PolicyDescription;
  readonly #weights: StateDict;
  readonly #network: RecurrentNetwork;
  #disposed = false;

  private constructor(maker: symbol, parts: PolicyParts) {
    checkMaker(maker, 'RecurrentPolicy', 'RecurrentPolicy.load or RecurrentPolicy.from');
    this.description = parts.description;
    this.#weights = copyOf(parts.weights);
    this.#network = policyNetwork(parts);
  }

  /**
   * Makes a policy from its parts, which are copied. Throws `invalid-argument` or `invalid-state-dict`, naming the
   * field or the tensor that does not fit.
   */
  static from(parts: PolicyParts): RecurrentPolicy {
    return new RecurrentPolicy(MAKER, checkPolicyParts(parts));
  }

  /**
   * Reads the file of a policy. Throws `io` if it cannot be read; `invalid-file` if it is damaged, of another kind or
   * of a newer version; and `golden-mismatch` if the policy computes other numbers than when the file was made.
   */
  static async load(path: string): Promise<RecurrentPolicy> {
    return RecurrentPolicy.fromBytes(await readFileWhole(path), path);
  }

  /** Reads the bytes of a policy's file, as `load` does. Errors call it `name`. */
  static fromBytes(bytes: Uint8Array, name = 'the policy file'): RecurrentPolicy {
    if (typeof name !== 'string') throw misfit('text', 'name', name);
    const { parts, goldens, sha256 } = parsePolicyFile(bytes, name);
    inFile(name, () => {
      checkPolicyParts(parts);
      checkPolicyGoldens(parts, goldens, name);
    });
    checkDigest(bytes, sha256, name);
    return new RecurrentPolicy(MAKER, parts);
  }

  /** Writes the file of a policy, whole or not at all. Throws `io` if it cannot be written. */
  async save(path: string): Promise<void> {
    await writeFileAtomic(path, this.toBytes());
  }

  /** The bytes of a policy's file; equal policies give equal bytes. */
  toBytes(): Uint8Array {
    const parts = this.#parts();
    return formatPolicyFile({ parts, goldens: makePolicyGoldens(parts) });
  }

  /** A copy of the weights, by the names under which they were given. */
  weights(): StateDict {
    return copyOf(this.#parts().weights);
  }

  /** Starts a run. A gap of more than `resetAfter` [s] clears its memory. Throws `disposed`. */
  [startRun](resetAfter: number): AttachedPolicy {
    const parts = this.#parts();
    return new AttachedPolicy(this.#network, denseHead(parts), policyForm(this.description, resetAfter));
  }

  /** Frees the network's memory now. Runs that were started continue. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#network.dispose();
  }

  #parts(): PolicyParts {
    if (this.#disposed) throw new GatecastError('disposed', 'Expected a policy in use but received a disposed one.');
    return { description: this.description, weights: this.#weights };
  }
}

function copyOf(weights: StateDict): StateDict {
  const copies = Object.entries(weights).map(([name, { shape, data }]): [string, Tensor] => {
    return [name, { shape: [...shape], data: data.slice() }];
  });
  return Object.fromEntries(copies);
}
