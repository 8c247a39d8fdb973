import type { StateDict } from '../base/tensor.ts';
import type { RunResult } from '../network/native.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import type { OptimiserState } from '../network/optimiser-state.ts';
import type { Trainable } from './trainable.ts';

interface Member {
  weights: StateDict;
  optimiser: OptimiserState;
}

/**
 * Several networks of one shape that learn from the same windows, each from its own weights at first, in one trainer
 * that they use in turns. Losses and norms are means over them. The tensors of all are one below another: their first
 * dimension is that of one network times the number of networks.
 */
export class Members implements Trainable {
  readonly #trainer: Trainable;
  readonly #members: Member[];

  constructor(trainer: Trainable, weights: readonly StateDict[]) {
    this.#trainer = trainer;
    const optimiser = trainer.optimiser();
    this.#members = weights.map((own) => ({ weights: own, optimiser }));
  }

  run(starts: Int32Array, learningRate: number): Promise<RunResult> {
    return this.#inTurns(async (member) => {
      this.#trainer.loadOptimiser(member.optimiser);
      const result = await this.#trainer.run(starts, learningRate);
      member.weights = this.#trainer.stateDict();
      member.optimiser = this.#trainer.optimiser();
      return result;
    });
  }

  evaluate(starts: Int32Array): Promise<RunResult> {
    return this.#inTurns(() => this.#trainer.evaluate(starts));
  }

  cancel(): void {
    this.#trainer.cancel();
  }

  stateDict(): StateDict {
    return joined(this.#members.map(({ weights }) => weights));
  }

  loadStateDict(weights: StateDict): void {
    const own = divided(weights, this.#members.length);
    this.#members.forEach((member, i) => {
      member.weights = own[i]!;
    });
  }

  optimiser(): OptimiserState {
    const all = this.#members.map(({ optimiser }) => optimiser);
    // steps and random numbers are those of every member
    return { ...all[0]!, mean: joined(all.map(({ mean }) => mean)), square: joined(all.map(({ square }) => square)) };
  }

  loadOptimiser(state: OptimiserState): void {
    const mean = divided(state.mean, this.#members.length);
    const square = divided(state.square, this.#members.length);
    this.#members.forEach((member, i) => {
      member.optimiser = { ...state, mean: mean[i]!, square: square[i]! };
    });
  }

  dispose(): void {
    this.#trainer.dispose();
  }

  async #inTurns(work: (member: Member) => Promise<RunResult>): Promise<RunResult> {
    const results: RunResult[] = [];
    for (const member of this.#members) {
      this.#trainer.loadStateDict(member.weights);
      const result = await work(member);
      if (result.cancelled) return result;
      results.push(result);
    }
    const mean = (of: (result: RunResult) => number) => results.reduce((sum, one) => sum + of(one), 0) / results.length;
    return { ...results[0]!, loss: mean(({ loss }) => loss), gradientNorm: mean(({ gradientNorm }) => gradientNorm) };
  }
}

function joined(dicts: readonly StateDict[]): StateDict {
  return Object.fromEntries(
    Object.entries(dicts[0]!).map(([name, { shape, data }]) => {
      const all = new Float32Array(dicts.length * data.length);
      dicts.forEach((dict, i) => all.set(dict[name]!.data, i * data.length));
      return [name, { shape: [dicts.length * shape[0]!, ...shape.slice(1)], data: all }];
    }),
  );
}

function divided(dict: StateDict, count: number): StateDict[] {
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(
      Object.entries(dict).map(([name, { shape, data }]) => {
        const length = data.length / count;
        const own = data.slice(i * length, (i + 1) * length);
        return [name, { shape: [shape[0]! / count, ...shape.slice(1)], data: own }];
      }),
    ),
  );
}

/**
 * One network whose outputs are the means of all members' outputs. Each of its layers holds the units of all members
 * side by side, with weights of 0 between members. `spec` is the shape of a member, `joint` what `Members` gives.
 */
export function meanNetwork(spec: NetworkSpec, joint: StateDict, count: number): StateDict {
  const { hiddenSize } = spec;
  const members = divided(joint, count);
  const merged: StateDict = {};
  for (const [name, { shape }] of Object.entries(members[0]!)) {
    const [rows = 0, columns = 1] = shape;
    const head = name.startsWith('head.');
    const wide = name === 'head.weight' || (name.startsWith('weight_') && name !== 'weight_ih_l0'); // reads a layer
    const width = wide ? count * columns : columns;
    const height = head ? rows : count * rows;
    const data = new Float32Array(height * width);
    members.forEach((member, m) => {
      const own = member[name]!.data;
      for (let row = 0; row < rows; row++) {
        const gate = Math.floor(row / hiddenSize);
        const to = head ? row : (gate * count + m) * hiddenSize + (row % hiddenSize);
        for (let column = 0; column < columns; column++) {
          const value = own[row * columns + column]!;
          data[to * width + (wide ? m * columns : 0) + column]! += head ? value / count : value;
        }
      }
    });
    merged[name] = { shape: shape.length === 1 ? [height] : [height, width], data };
  }
  return merged;
}
