import { expected, GatecastError } from '../base/errors.ts';
import { nameOf } from '../data/series.ts';
import { inputColumns, isComplete, withAhead } from '../batch/input-columns.ts';
import { rowCount, selectColumns, type Table } from '../data/table.ts';
import { scalerAhead, tableInputs } from '../model/ahead.ts';
import { headOf } from '../model/heads/heads.ts';
import { Encoder } from '../model/inputs/encoder.ts';
import type { RunningScale } from '../model/inputs/running-scale.ts';
import type { Tensor } from '../base/tensor.ts';
import { Scaler } from '../model/scaler.ts';
import type { Description } from '../model/description.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import type { RowMarks } from '../network/trainer.ts';
import { createBreath } from '../base/breath.ts';
import { fitCourse } from './cycle.ts';
import { sideBySide } from './chains.ts';
import { fillAll, missingTruths, trainingColumns } from './missing.ts';
import type { Plan, SeriesRows } from './plan.ts';
import { planCopies, writeCopies } from './shift.ts';
import { labelsOf } from './labels.ts';
import { CountWriter, type Place, type TruthForm, type Truths, TruthWriter } from './truths.ts';
import { carries, type Choice, trainingStarts, validationStarts, type WindowShape } from './windows.ts';

/**
 * A value further from the mean would carry a squared loss out of the range of 32-bit floats. No training row can have
 * one.
 */
const MAX_DEVIATIONS = 1e12;

/**
 * A shorter lookback is tried only if rows that are not complete leave less than this share of the windows. The share
 * is small because a carried state drifts if it was trained on short windows: on a sine with gaps, 7 of 60 windows
 * twice as long gave a tenth of the error.
 */
const ENOUGH = 0.05;

/** The data that the native trainer learns from. */
export interface TrainingData {
  /** Fitted on training rows only. */
  scaler: Scaler;
  encoder: Encoder;
  /** The course of the description's cycle; undefined without one. */
  course: Tensor | undefined;
  /**
   * All rows of all tables, then the shifted copies: [rows][encoder.width], NaN for a number of a row not read. If each
   * target is a stream of its own, those of one stream come after those of the other.
   */
  rows: Float32Array;
  marks: RowMarks;
  /** The shape of these windows, one of the plan's. */
  shape: WindowShape;
  /** First rows of the windows to learn from, as `validation` are of those to validate on. */
  training: Int32Array;
  validation: Int32Array;
  /** Those to learn from, of each series, and of each stream of the network as a series of its own. */
  bySeries: readonly Int32Array[];
  /** In the same order, those within the rows to learn from and to validate on; undefined without `refit`. */
  whole?: readonly Int32Array[] | undefined;
  /** The inputs of each series as the network sees them, in their own units; undefined if no value was filled in. */
  filled?: readonly Table[];
}

/**
 * Scales the rows of all series alike and finds the windows, with `refit` also those of all rows. Throws `invalid-data`
 * if there is none.
 */
export async function prepareData(
  plan: Plan<TrainedDescription>,
  levelShift: number,
  refit = false,
): Promise<TrainingData> {
  const { series, inputs, description, rows, gap } = plan;
  const copies = planCopies(series, rows, levelShift);
  const all = copies.reduce((sum, { from }) => sum + from.to - from.from, rows);
  const names = tableInputs(description);
  const own = series.map((each) => ({
    ...each,
    columns: inputColumns(selectColumns(each.table, names), description).columns,
  }));
  const fitted = plan.scaler
    ? selectScaler(plan.scaler, names)
    : Scaler.fit(
        names,
        // a category has mean 0 and deviation 1, which nothing reads
        trainingColumns(own).map((column, i) => (description.inputs[i]!.words ? Float64Array.of(0) : column)),
      );
  const given = own.map((each) => ({ ...each, columns: withAhead(each.columns, description.inputs) }));
  const full = scalerAhead(fitted, description.inputs);
  const { scaler: filledScaler, series: selected } = gap
    ? await fillAll(plan, full, given)
    : { scaler: full, series: given };
  const scaler = plan.scaler ?? filledScaler;
  const targets = description.targets.map((target) => inputs.indexOf(target));
  const course = plan.course ?? (description.cycle && fitCourse(given, targets, scaler, description.cycle));
  const encoder = new Encoder(description, scaler, course?.data);
  const { cycle } = encoder;
  const { width, streams } = encoder;
  const place: Place = (row, t) => (streams > 1 ? t * all + row : row * targets.length + t);

  const scaled = new Float32Array(streams * all * width);
  const inputsOfRow = new Float32Array(encoder.size);
  const incomplete = new Uint32Array(rows + 1);
  const sample = new Float64Array(inputs.length);
  const { scale } = encoder;
  const moments = new Float64Array(encoder.memory);
  const truths = truthsOf(description, scale, scaler, { targets, anchored: isAnchored(description), rows: all, place });
  const labels = description.classes && labelsOf(series, description, rows);
  const breathe = createBreath();
  for (const { table, key = '', columns, offset } of selected) {
    const count = rowCount(table);
    moments.fill(0);
    truths?.begin(columns);
    for (let row = 0; row < count; row++) {
      if (row % 256 === 0) await breathe();
      const at = offset + row;
      const time = table.at?.[row] ?? Number.NaN;
      for (let input = 0; input < columns.length; input++) sample[input] = columns[input]![row]!;
      encoder.write(sample, 0, time, inputsOfRow, 0, moments);
      for (let s = 0; s < streams; s++) {
        const to = (s * all + at) * width;
        for (let i = 0; i < width; i++) scaled[to + i] = inputsOfRow[s * width + i]!;
      }
      const wild = description.inputs.findIndex(
        ({ words }, i) => !words && Math.abs(sample[i]! - scaler.mean[i]!) > MAX_DEVIATIONS * scaler.std[i]!,
      );
      if (wild >= 0) throw tooFar(inputs[wild]!, row, key, sample[wild]);
      const complete = isComplete(columns, description.inputs, row);
      incomplete[at + 1] = incomplete[at]! + (complete ? 0 : 1);
      if (complete && encoder.memory > 0) encoder.take(sample, 0, time, moments, 0);
      else if (gap) moments.fill(0); // a stream starts anew after such a hole
      cycle?.subtract(time, sample, 0);
      truths?.write(at, sample, moments);
    }
  }
  const missing = labels ? labels.missing : gap && missingTruths(given, targets, all, place);
  const { shape, training, validation, whole, begins } = findWindows(
    incomplete,
    plan,
    missing && knownTruths(missing, targets.length / streams, all),
    refit,
  );
  const marks = encoder.columns[full.names.length] ?? width; // marks are no numbers that have a level
  const numbers = [...encoder.numbers.filter((column) => column < marks), ...encoder.earlier];
  for (let s = 0; s < streams; s++) {
    const own = scaled.subarray(s * all * width, (s + 1) * all * width);
    writeCopies(own, { width, numbers }, copies, levelShift);
  }
  const ofStreams = (starts: Iterable<number>) =>
    Array.from({ length: streams }, (_, s) => Array.from(starts, (start) => start + s * all));
  const bySeries = training.flatMap(ofStreams).map((starts) => [starts]);
  const wholeBySeries = whole?.flatMap(ofStreams).map((starts) => [starts]);
  const copied = ofStreams(begins).flat();
  for (const { series: of, from, to } of copies) {
    const by = to - from.from;
    ofStreams([from.from, from.to, to]).forEach((rows) => {
      const [begin, end, target] = rows.map((row) => (row * targets.length) / streams) as [number, number, number];
      missing?.copyWithin(target, begin, end);
    });
    ofStreams(training[of]!.map((start) => start + by)).forEach((starts, s) => {
      bySeries[of * streams + s]!.push(starts);
      wholeBySeries?.[of * streams + s]!.push(starts);
    });
    const own = [...begins].filter((begin) => begin >= from.from && begin < from.to);
    copied.push(...ofStreams(own.map((begin) => begin + by)).flat());
  }
  return {
    scaler,
    encoder,
    course,
    rows: scaled,
    marks: {
      missing,
      begins: copied.length > 0 ? Int32Array.from(copied).sort() : undefined,
      scaled: labels ? labels.scaled : truths?.scaled,
    },
    shape,
    // the windows of all series and streams, then those of one set of copies after another
    training: Int32Array.from(bySeries[0]!.flatMap((_, copy) => bySeries.flatMap((starts) => starts[copy]!))),
    validation: carries(shape)
      ? sideBySide(ofStreams(validation).flat(), shape.window, description.training.batchSize)
      : Int32Array.from(ofStreams(validation).flat()),
    bySeries: bySeries.map((starts) => Int32Array.from(starts.flat())),
    whole: wholeBySeries?.map((starts) => Int32Array.from(starts.flat())),
    ...(gap && { filled: selected.map(({ columns }) => ({ names: inputs, columns: [...columns] })) }),
  };
}

/** Writes the true values if they are not simply scaled as the inputs are. */
function truthsOf(
  { loss }: TrainedDescription,
  scale: RunningScale | undefined,
  scaler: Scaler,
  form: TruthForm,
): Truths | undefined {
  const { truths } = headOf(loss);
  if (truths === 'counts') return new CountWriter(scaler, scale, form);
  return truths === 'numbers' && scale ? new TruthWriter(scale, form) : undefined;
}

/** A scaler of these of its inputs. */
function selectScaler({ names: all, mean, std }: Scaler, names: readonly string[]): Scaler {
  const own = (values: Float64Array) => names.map((name) => values[all.indexOf(name)]!);
  return new Scaler(names, own(mean), own(std));
}

function isAnchored(description: TrainedDescription): boolean {
  return (description as Partial<Description>).anchor === 'last';
}

/** Whether any true value in rows [from, to) of `rows` is known, of any stream. */
function knownTruths(missing: Uint8Array, targets: number, rows: number): (from: number, to: number) => boolean {
  const before = new Uint32Array(missing.length / targets + 1);
  for (let row = 0; row < before.length - 1; row++) {
    const known = missing.subarray(row * targets, (row + 1) * targets).includes(0);
    before[row + 1] = before[row]! + (known ? 1 : 0);
  }
  return (from, to) => {
    for (let by = 0; by + rows < before.length; by += rows) if (before[by + to]! > before[by + from]!) return true;
    return false;
  };
}

interface Windows {
  shape: WindowShape;
  /** For each series. */
  training: number[][];
  validation: number[];
  /** For each series, those within the rows of both. */
  whole: number[][] | undefined;
  /** The first rows of pieces that are shorter than a window. */
  begins: ReadonlySet<number>;
}

/**
 * The windows of the first shape with enough of them, or else of the last shape that has any. Throws `invalid-data` if
 * no shape has one.
 */
function findWindows(
  incomplete: Uint32Array,
  { series, shapes, pieces, gap }: Plan<TrainedDescription>,
  known: Choice['known'],
  refit: boolean,
): Windows {
  let found: Windows | undefined;
  for (const shape of shapes) {
    const begins = new Set<number>();
    const choice: Choice = { ...(pieces && { begins }), ...(known && { known }) };
    const length = shape.window + shape.horizon;
    const training = series.map((rows) => [...trainingStarts(incomplete, rows.training, shape, choice)]);
    const count = training.reduce((sum, { length }) => sum + length, 0);
    const validation = series.flatMap((rows) => [
      ...validationStarts(incomplete, rows.validation, shape, rows.offset, choice),
    ]);
    if (count === 0 || validation.length === 0) continue;
    const all = ({ training: { from }, validation: { to } }: SeriesRows) => ({ from, to });
    const whole = refit ? series.map((rows) => [...trainingStarts(incomplete, all(rows), shape, choice)]) : undefined;
    found = { shape, training, validation, whole, begins };
    const most = series.reduce((sum, { training: { from, to } }) => sum + Math.max(0, to - from - length + 1), 0);
    if (count >= ENOUGH * most) break;
  }
  if (found) return found;
  const { window, warmup, horizon, freeSteps } = shapes.at(-1)!;
  const ahead = freeSteps > 0 ? `${freeSteps + 1} steps` : `horizon ${horizon}`;
  const what = gap ? 'rows with values of the targets' : `${window + horizon} consecutive rows without missing values`;
  throw new GatecastError(
    'invalid-data',
    `Expected ${what}, in the training and in the validation rows, for options.lookback ${warmup + 1} and ${ahead} but ` +
      'found none.',
  );
}

function tooFar(name: string, row: number, key: string, value: unknown): GatecastError {
  const what = `a value within ${MAX_DEVIATIONS} deviations of the mean of the training rows`;
  const where = key === '' ? `row ${row + 1}` : `row ${row + 1} of ${nameOf(key)}`;
  return new GatecastError('invalid-data', expected(what, `${name} in ${where}`, value));
}
