import { types } from 'node:util';
import { GatecastError, misfit } from '../base/errors.ts';
import { isColumn, isList, list, number, text, whole } from '../base/schema.ts';

/** A larger mean or deviation, or a smaller deviation, could carry a forecast out of the range of doubles. */
const LARGEST = 1e250;
const MAX_INPUTS = 65_536;

const checkNames = list(text(256), 1, MAX_INPUTS);
const checkRow = whole(0, Number.MAX_SAFE_INTEGER);

/** Maps each input to the network's scale: (value - mean) / std. */
export class Scaler {
  readonly names: readonly string[];
  /** The mean of each input in its own unit, as `std` is its deviation. */
  readonly mean: Float64Array;
  readonly std: Float64Array;

  /** Copies its arguments. Throws `invalid-argument` if their lengths differ or a deviation is not positive. */
  constructor(names: readonly string[], mean: ArrayLike<number>, std: ArrayLike<number>) {
    this.names = checkNames(names, 'the names of a scaler');
    this.mean = parameters(this.names, mean, 'mean', -LARGEST);
    this.std = parameters(this.names, std, 'standard deviation', 1 / LARGEST);
  }

  /**
   * Fits a scaler to the mean and population deviation of rows [from, to) of each column. Missing values (NaN) are left
   * out; a constant column gets deviation 1. Throws `invalid-data` for a column without a value in these rows,
   * `invalid-argument` for arguments of wrong types.
   */
  static fit(names: readonly string[], columns: readonly Float64Array[], from = 0, to?: number): Scaler {
    checkNames(names, 'names');
    const checkColumns = list(checkColumn, names.length, names.length);
    const rows = [checkRow(from, 'from'), to === undefined ? to : checkRow(to, 'to')] as const;
    const moments = checkColumns(columns, 'columns').map((column, i) =>
      meanAndStd(column.subarray(...rows), names[i]!),
    );
    return new Scaler(
      names,
      moments.map(({ mean }) => mean),
      moments.map(({ std }) => std),
    );
  }

  /** Writes the scaled `values` into `out`, rounded to 32 bits. Anything but a number becomes NaN. */
  scale(values: ArrayLike<number>, out: Float32Array): void {
    const { mean, std } = this;
    if (!types.isFloat32Array(out) || out.length !== mean.length) {
      throw misfit(`a Float32Array of length ${mean.length}`, 'out', out);
    }
    if (!isList(values) || values.length !== mean.length) {
      throw misfit(`${mean.length} numbers`, 'values', values);
    }
    for (let i = 0; i < mean.length; i++) {
      const value = values[i];
      out[i] = typeof value === 'number' ? (value - mean[i]!) / std[i]! : Number.NaN;
    }
  }
}

function checkColumn(value: unknown, name: string): Float64Array {
  if (isColumn(value)) return value;
  throw misfit('a Float64Array', name, value);
}

function parameters(names: readonly string[], values: ArrayLike<number>, what: string, min: number): Float64Array {
  if (!isList(values) || values.length !== names.length) {
    throw misfit(`${names.length} numbers`, `the ${what} of a scaler`, values);
  }
  const check = number(min, LARGEST);
  return Float64Array.from(names, (name, i) => check(values[i], `the ${what} of ${name}`));
}

function meanAndStd(column: Float64Array, name: string): { mean: number; std: number } {
  const values = column.filter(Number.isFinite);
  if (values.length === 0) {
    throw new GatecastError('invalid-data', `Expected at least one value in ${name} but received none.`);
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  // rounding gives a constant column a deviation far below the resolution of its values
  const resolution = Math.abs(mean) * 1e-12;
  const std = Math.sqrt(variance);
  return { mean, std: std > resolution ? std : 1 };
}
