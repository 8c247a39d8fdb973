import { expected, GatecastError } from '../base/errors.ts';
import { type Bounding, bounding } from '../model/bounds.ts';
import type { ModelDescription } from '../model/model.ts';
import { ModelStates } from '../model/model-states.ts';
import type { Rule } from './rule.ts';

/** The largest value of an input: no sum over a window and no line through two values leaves the range of doubles. */
const LARGEST = 1e300;

/** The states of a baseline: the numbers that its rule keeps of each target. A missing value of an input is NaN. */
export class BaselineStates extends ModelStates {
  readonly #rule: Rule;
  /** Of each target, its place among the inputs. */
  readonly #columns: readonly number[];
  readonly #bound: Bounding | undefined;
  /** Of each row staged, its slot. */
  #slots: Int32Array;

  /** `spare`: numbers of a row that are for the caller. Throws `invalid-argument` for more than there is memory for. */
  constructor(description: ModelDescription, rule: Rule, capacity: number, spare = 0) {
    super(description, capacity, { own: description.targets.length * rule.size, spare, beside: 4 });
    this.#rule = rule;
    this.#columns = description.targets.map((target) => description.inputs.findIndex(({ name }) => name === target));
    this.#bound = bounding(description);
    this.#slots = new Int32Array(capacity);
    for (let slot = 0; slot < capacity; slot++) this.reset(slot);
  }

  inRange(_input: number, value: number): boolean {
    return Math.abs(value) <= LARGEST;
  }

  outOfRange(input: number, value: number): GatecastError {
    const what = `a value from ${-LARGEST} to ${LARGEST}`;
    return new GatecastError('invalid-sample', expected(what, this.description.inputs[input]!.name, value));
  }

  stage(k: number, slot: number): void {
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

  stepNow(slot: number, values: Float64Array, numbers: Float64Array): void {
    for (let i = 0; i < values.length; i++) this.#check(i, values[i]!);
    this.#take(slot, values, 0);
    this.#answer(slot, numbers);
  }

  override reset(slot: number): void {
    super.reset(slot);
    for (let t = 0; t < this.#columns.length; t++) this.#rule.reset(this.rows, this.#at(slot, t));
  }

  override grow(capacity: number): void {
    const before = this.capacity;
    super.grow(capacity);
    this.#slots = new Int32Array(capacity);
    for (let slot = before; slot < capacity; slot++) this.reset(slot);
  }

  #check(input: number, value: number): void {
    if (Math.abs(value) > LARGEST) throw this.outOfRange(input, value);
  }

  #take(slot: number, values: Float64Array, from: number): void {
    for (let t = 0; t < this.#columns.length; t++) {
      this.#rule.observe(this.rows, this.#at(slot, t), values[from + this.#columns[t]!]!);
    }
    this.rows[slot * this.rowSize]! += 1;
  }

  #answer(slot: number, numbers: Float64Array): void {
    const { horizon } = this.description;
    for (let t = 0, i = 0; t < this.#columns.length; t++) {
      for (let step = 1; step <= horizon; step++, i++) {
        numbers[i] = this.#rule.forecast(this.rows, this.#at(slot, t), step);
      }
    }
    this.#bound?.(numbers);
  }

  /** Where in `rows` the numbers of a target begin, after the samples taken. */
  #at(slot: number, target: number): number {
    return slot * this.rowSize + 1 + target * this.#rule.size;
  }
}
