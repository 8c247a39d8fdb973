import { expected, GatecastError } from '../base/errors.ts';
import { nameOf } from '../data/series.ts';
import { rowCount, selectColumns } from '../data/table.ts';
import { inputColumns, isComplete } from '../batch/input-columns.ts';
import { Encoder } from '../model/inputs/encoder.ts';
import { Scaler } from '../model/scaler.ts';
import { createBreath } from '../base/breath.ts';
import type { SeriesRows, Plan } from './plan.ts';
import { planCopies, writeCopies } from './shift.ts';
import { trainingStarts, validationStarts, type WindowShape } from './windows.ts';

/**
 * A value further from the mean would carry a squared loss out of the range of 32-bit floats. No training row can have
 * one.
 */
const MAX_DEVIATIONS = 1e12;

/**
 * A shorter lookback is tried only if missing values leave less than this share of the windows. The share is small
 * because a carried state drifts if it was trained on short windows: on a sine with gaps, 7 of 60 windows twice as long
 * gave a tenth of the error.
 */
const ENOUGH = 0.05;

/** The data that the native trainer learns from. */
export interface TrainingData {
  /** Fitted on training rows only. */
  scaler: Scaler;
  encoder: Encoder;
  /** All rows of all tables, then the shifted copies: [rows][encoder.width], NaN for a missing number. */
  rows: Float32Array;
  /** The shape of these windows, one of the plan's. */
  shape: WindowShape;
  /** First rows of the windows to learn from, as `validation` are of those to validate on. */
  training: Int32Array;
  validation: Int32Array;
}

/** Scales the rows of all series alike and finds the complete windows. Throws `invalid-data` if there is none. */
export async function prepareData(
  { series, inputs, description, rows, shapes }: Plan,
  levelShift: number,
): Promise<TrainingData> {
  const copies = planCopies(series, rows, levelShift);
  const all = copies.reduce((sum, { from }) => sum + from.to - from.from, rows);
  const selected = series.map((each) => ({
    ...each,
    columns: inputColumns(selectColumns(each.table, inputs), description).columns,
  }));
  const trained = description.inputs.map(({ words }, input) => {
    if (words) return Float64Array.of(0); // a category has mean 0 and deviation 1, which nothing reads
    return concatenate(
      selected.map(({ columns, training, offset }) => columns[input]!.subarray(0, training.to - offset)),
    );
  });
  const scaler = Scaler.fit(inputs, trained);
  const encoder = new Encoder(description, scaler);
  const { width } = encoder;

  const scaled = new Float32Array(all * width);
  const incomplete = new Uint32Array(rows + 1);
  const sample = new Float64Array(inputs.length);
  const breathe = createBreath();
  for (const { table, key = '', columns, offset } of selected) {
    const count = rowCount(table);
    for (let row = 0; row < count; row++) {
      if (row % 256 === 0) await breathe();
      const at = offset + row;
      for (let input = 0; input < columns.length; input++) sample[input] = columns[input]![row]!;
      encoder.write(sample, 0, table.at?.[row] ?? Number.NaN, scaled, at * width);
      const wild = encoder.columns.findIndex((column) => Math.abs(scaled[at * width + column]!) > MAX_DEVIATIONS);
      if (wild >= 0) throw tooFar(inputs[wild]!, row, key, sample[wild]);
      incomplete[at + 1] = incomplete[at]! + (isComplete(columns, description.inputs, row) ? 0 : 1);
    }
  }
  const { shape, training, validation } = findWindows(incomplete, series, shapes);
  writeCopies(scaled, encoder, copies, levelShift);
  const copied = copies.map(({ series: of, from, to }) => training[of]!.map((start) => start - from.from + to));
  const starts = [training, copied].flat(2);
  const windows = { training: Int32Array.from(starts), validation: Int32Array.from(validation) };
  return { scaler, encoder, rows: scaled, shape, ...windows };
}

interface Windows {
  shape: WindowShape;
  /** For each series. */
  training: number[][];
  validation: number[];
}

/**
 * The complete windows of the first shape with enough of them, or else of the last shape that has any. Throws
 * `invalid-data` if no shape has one.
 */
function findWindows(incomplete: Uint32Array, series: readonly SeriesRows[], shapes: readonly WindowShape[]): Windows {
  let found: Windows | undefined;
  for (const shape of shapes) {
    const length = shape.window + shape.horizon;
    const training = series.map((rows) => [...trainingStarts(incomplete, rows.training, shape)]);
    const count = training.reduce((sum, { length }) => sum + length, 0);
    const validation = series.flatMap((rows) => [...validationStarts(incomplete, rows.validation, shape, rows.offset)]);
    if (count === 0 || validation.length === 0) continue;
    found = { shape, training, validation };
    const all = series.reduce((sum, { training: { from, to } }) => sum + Math.max(0, to - from - length + 1), 0);
    if (count >= ENOUGH * all) break;
  }
  if (found) return found;
  const { window, warmup, horizon, freeSteps } = shapes.at(-1)!;
  const ahead = freeSteps > 0 ? `${freeSteps + 1} steps` : `horizon ${horizon}`;
  throw new GatecastError(
    'invalid-data',
    `Expected ${window + horizon} consecutive rows without missing values, in the training and in the validation rows, for ` +
      `options.lookback ${warmup + 1} and ${ahead} but found none.`,
  );
}

function tooFar(name: string, row: number, key: string, value: unknown): GatecastError {
  const what = `a value within ${MAX_DEVIATIONS} deviations of the mean of the training rows`;
  const where = key === '' ? `row ${row + 1}` : `row ${row + 1} of ${nameOf(key)}`;
  return new GatecastError('invalid-data', expected(what, `${name} in ${where}`, value));
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
