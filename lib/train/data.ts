import { rowCount, selectColumns } from '../batch/table.ts';
import { expected, GatecastError } from '../errors.ts';
import { Scaler } from '../model/scaler.ts';
import { createBreath } from './breath.ts';
import type { Plan } from './plan.ts';
import { planCopies, writeCopies } from './shift.ts';
import { trainingStarts, validationStarts } from './windows.ts';

/** Farther values would carry a squared loss out of the range of 32-bit floats; no training row can lie there. */
const MAX_DEVIATIONS = 1e12;

/** What the native trainer works on. */
export interface TrainingData {
  /** Fitted on training rows only. */
  scaler: Scaler;
  /** All rows of all tables, then the shifted copies [rows][inputs], scaled; NaN where missing. */
  rows: Float32Array;
  /** First rows of the windows to learn from and to validate on. */
  training: Int32Array;
  validation: Int32Array;
}

/** Scales the tables' rows and finds the complete windows. Throws `invalid-data` when there are none. */
export async function prepareData({ parts, inputs, rows, shape }: Plan, levelShift: number): Promise<TrainingData> {
  const copies = planCopies(parts, rows, levelShift);
  const all = copies.reduce((sum, { from }) => sum + from.to - from.from, rows);
  const selected = parts.map((part) => ({ ...part, columns: selectColumns(part.table, inputs).columns }));
  const trained = inputs.map((_, input) =>
    concatenate(selected.map(({ columns, training, offset }) => columns[input]!.subarray(0, training.to - offset))),
  );
  const scaler = Scaler.fit(inputs, trained, 0, trained[0]!.length);

  const scaled = new Float32Array(all * inputs.length);
  const incomplete = new Uint32Array(rows + 1);
  const training: number[] = [];
  const validation: number[] = [];
  const sample = new Float64Array(inputs.length);
  const breathe = createBreath();
  for (const { table, columns, offset, training: learned, validation: checked } of selected) {
    const count = rowCount(table);
    for (let row = 0; row < count; row++) {
      if (row % 256 === 0) await breathe();
      const at = offset + row;
      for (let input = 0; input < columns.length; input++) sample[input] = columns[input]![row]!;
      const target = scaled.subarray(at * inputs.length, (at + 1) * inputs.length);
      scaler.scale(sample, target);
      const wild = target.findIndex((value) => Math.abs(value) > MAX_DEVIATIONS);
      if (wild >= 0) throw tooFar(inputs[wild]!, row, sample[wild]);
      incomplete[at + 1] = incomplete[at]! + (sample.every(Number.isFinite) ? 0 : 1);
    }
    for (const start of trainingStarts(incomplete, learned, shape)) training.push(start);
    for (const start of validationStarts(incomplete, checked, shape, offset)) validation.push(start);
  }
  writeCopies(scaled, inputs.length, copies, levelShift);
  const own = training.length;
  for (const { from, to } of copies) {
    for (const start of training.slice(0, own))
      if (start >= from.from && start < from.to) training.push(start - from.from + to);
  }
  if (training.length === 0 || validation.length === 0) {
    const part = training.length === 0 ? 'training' : 'validation';
    throw new GatecastError(
      'invalid-data',
      `Expected ${shape.window + shape.horizon} rows in a row without missing values in the ${part} rows but found none.`,
    );
  }
  return { scaler, rows: scaled, training: Int32Array.from(training), validation: Int32Array.from(validation) };
}

function tooFar(name: string, row: number, value: unknown): GatecastError {
  const what = `a value within ${MAX_DEVIATIONS} deviations of the mean of the training rows`;
  return new GatecastError('invalid-data', expected(what, `${name} in row ${row + 1}`, value));
}

function concatenate(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let offset = 0;
  for (const array of arrays) {
    all.set(array, offset);
    offset += array.length;
  }
  return all;
}
