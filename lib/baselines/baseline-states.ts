import { expected, GatecastError } from '../base/errors.ts';
import { type Bounding, bounding } from '../model/bounds.ts';
import type { ModelDescription } from '../model/model.ts';
import { ModelStates } from '../model/model-states.ts';
import type { Rule } from './rule.ts';

/** The largest value of an input: no sum over a window and no line through two values overflows. */
const LARGEST = 1e300;

/** The states of a baseline: the numbers that a rule keeps for each target. A missing value of an input is NaN. */
export class BaselineStates extends ModelStates {
  /** The rule of each target. */
  readonly #rules: readonly Rule[];
  /** The index in a row where the numbers of each target begin. */
  readonly #places: readonly number[];
  /** The index of each target among the inputs. */
  readonly #columns: readonly number[];
  readonly #bound: Bounding | undefined;
  /** The slot of each staged row. */
  #slots: Int32Array;

  /** `spare`: how many numbers of a row are the caller's. Throws `invalid-argument` if there is not enough memory. */
  constructor(description: ModelDescription, rules: readonly Rule[], capacity: number, spare = 0) {
    super(description, capacity, { own: rules.reduce((sum, { size }) => sum + size, 0), spare, beside: 4 });
    this.#rules = rules;
    let place = 1; // after the count of samples
    this.#places = rules.map(({ size }) => (place += size) - size);
    this.#columns = description.targets.map((target) => description.inputs.findIndex(({ name }) => name === target));
    this.#bound = bounding(description);
    this.#slots = new Int32Array(capacity);
    for (let slot = 0; slot < capacity; slot++) this.reset(slot);
  }

  inRange(input: number, value: number): boolean {
    return Math.abs(value) <= LARGEST || this.description.inputs[input]!.words !== undefined;
  }

  outOfRange(input: number, value: number): GatecastError {
    const what = `a value from ${-LARGEST} to ${LARGEST}`;
    return new GatecastError('invalid-sample', expected(what, this.description.inputs[input]!.name, value));
  }

  stage(k: number, slot: number, _at: number): void {
    const width = this.description.inputs.length;
    for (let i = 0; i < width; i++) this.#check(i, this.values[k * width + i]!);
    this.#slots[k] = slot;
  }

  advance(count: number): void {
    const width = this.description.inputs.length;
    for (let k = 0; k < count; k++) this.#take(this.#slots[k]!, this.values, k * width);
  }

  read(k: number, numbers: Float64Array): void {
    this.#answer(this.#slots[k]!, numbers);
  }

  stepNow(slot: number, _at: number, values: Float64Array, numbers?: Float64Array): void {
    for (let i = 0; i < values.length; i++) this.#check(i, values[i]!);
    this.#take(slot, values, 0);
    if (numbers) this.#answer(slot, numbers);
  }

  override reset(slot: number): void {
    super.reset(slot);
    this.#forget(slot);
  }

  override restart(slot: number): void {
    super.restart(slot);
    this.#forget(slot);
  }

  override grow(capacity: number): void {
    const before = this.capacity;
    super.grow(capacity);
    this.#slots = new Int32Array(capacity);
    for (let slot = before; slot < capacity; slot++) this.reset(slot);
  }

  #forget(slot: number): void {
    for (let t = 0; t < this.#columns.length; t++) this.#rules[t]!.reset(this.rows, this.#at(slot, t));
  }

  #check(input: number, value: number): void {
    if (!Number.isNaN(value) && !this.inRange(input, value)) throw this.outOfRange(input, value);
  }

  #take(slot: number, values: Float64Array, from: number): void {
    for (let t = 0; t < this.#columns.length; t++) {
      this.#rules[t]!.observe(this.rows, this.#at(slot, t), values[from + this.#columns[t]!]!);
    }
    this.rows[slot * this.rowSize]! += 1;
  }

  #answer(slot: number, numbers: Float64Array): void {
    const { horizon } = this.description;
    for (let t = 0, i = 0; t < this.#columns.length; t++) {
      for (let step = 1; step <= horizon; step++, i++) {
        numbers[i] = this.#rules[t]!.forecast(this.rows, this.#at(slot, t), step);
      }
    }
    this.#bound?.(numbers);
  }

  /** The index in `rows` where the numbers of a target begin. */
  #at(slot: number, target: number): number {
    return slot * this.rowSize + this.#places[target]!;
  }
}
