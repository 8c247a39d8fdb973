import { misfit } from '../base/errors.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { checkAhead } from './ahead.ts';
import type { Bounds } from './bounds.ts';
import { checkGap, checkGapNames, unmarked, withMarks } from './gap.ts';
import { headOf, headSize, type Loss, losses } from './heads/heads.ts';
import { checkCalendar, checkInput, networkInputs } from './inputs/inputs.ts';
import { checkCycle } from './inputs/cycle.ts';
import { checkScale } from './inputs/running-scale.ts';
import { type ModelDescription, readyAfter } from './model.ts';
import { networkDescription } from './network-description.ts';
import { firstRepeated, list, number, oneOf, orNull, object, text, whole } from '../base/schema.ts';

/** All that is needed to use a forecaster correctly, apart from its numbers. */
export interface Description extends ModelDescription {
  /**
   * 'carried': the state is kept from sample to sample. 'window': it is recomputed from the last `lookback` samples at
   * each step.
   */
  readonly memory: 'carried' | 'window';
  /** 'last': the network gives the change from the target's last value. 'none': it gives the value itself. */
  readonly anchor: 'last' | 'none';
  /** The loss that the network was trained with; it decides which head the network has. 'quantile' needs `levels`. */
  readonly loss: Loss;
  readonly network: Readonly<NetworkSpec>;
  readonly training: TrainingRecord;
}

/** How a forecaster was trained. */
export interface TrainingRecord {
  /** Training rows of all series. */
  readonly rows: number;
  /** Validation rows of all series. */
  readonly validationRows: number;
  /** Series that were only learned from, because they are too short to validate on; left out for none. */
  readonly unvalidated?: number;
  /** Passes done. */
  readonly epochs: number;
  /** The pass whose weights were kept. */
  readonly bestEpoch: number;
  /** Losses of that pass, on scaled values. */
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly seed: number;
  readonly dropout: number;
  readonly learningRate: number;
  /** How the learning rate changed; left out in files from before 'plateau' and 'constant' came. */
  readonly schedule?: 'cosine' | 'plateau' | 'constant';
  readonly batchSize: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly patience: number;
  /** The fingerprint of the model that learning started from; left out for none. */
  readonly from?: string;
  /** Time in ISO 8601. */
  readonly trainedAt: string;
  /** The version of Gatecast that trained it. */
  readonly version: string;
  /** The instruction set that the training ran on. */
  readonly isa: string;
}

/** Most values in the window that each stream of a forecaster with memory 'window' keeps: 64 MiB. */
const MAX_WINDOW_VALUES = 2 ** 24;

const amount = number(0, Number.MAX_VALUE);
const count = whole(0, Number.MAX_SAFE_INTEGER);
const finite = number(-Number.MAX_VALUE, Number.MAX_VALUE);

const checkFields = object<Description>(
  {
    inputs: list(checkInput, 1, 65_536),
    calendar: checkCalendar,
    cycle: checkCycle,
    targets: list(text(256), 1, 4096),
    interval: orNull(number(1e-6, 1e15)),
    memory: oneOf('carried', 'window'),
    lookback: whole(1, 1_000_000),
    warmup: whole(1, 1_000_000),
    horizon: whole(1, 65_536),
    anchor: oneOf('last', 'none'),
    loss: oneOf(...losses),
    levels: list(number(1e-6, 1 - 1e-6), 0, 199),
    bounds: list(object<Bounds>({ min: finite, max: finite }, ['min', 'max']), 1, 4096),
    gap: checkGap,
    scale: checkScale,
    network: networkDescription,
    training: object<TrainingRecord>(
      {
        rows: count,
        validationRows: count,
        unvalidated: count,
        epochs: count,
        bestEpoch: count,
        trainLoss: finite,
        validationLoss: finite,
        seed: whole(0, 2 ** 32 - 1),
        dropout: number(0, 1),
        learningRate: amount,
        schedule: oneOf('cosine', 'plateau', 'constant'),
        batchSize: count,
        weightDecay: amount,
        clipNorm: amount,
        patience: count,
        from: text(64),
        trainedAt: isoTime,
        version: text(64),
        isa: text(64),
      },
      ['unvalidated', 'schedule', 'from'],
    ),
  },
  ['calendar', 'cycle', 'warmup', 'bounds', 'gap', 'scale'],
);

/**
 * A frozen copy of `value` if it describes a forecaster; otherwise throws `invalid-argument`, naming the field. Every
 * count has a bound, so that no description can cause a large allocation.
 */
export function parseDescription(value: unknown): Description {
  const description = checkFields(value, 'description');
  const { inputs, targets, lookback, levels, loss, network } = description;
  const wrong = (what: string, field: string, received: unknown) => {
    return misfit(what, `description.${field}`, received);
  };

  const names = new Set(inputs.map((input) => input.name));
  const repeated = firstRepeated(inputs.map((input) => input.name)) ?? firstRepeated(targets);
  if (repeated !== undefined) throw wrong('different names', 'inputs and targets', repeated);
  const stranger = targets.find((target) => !names.has(target));
  if (stranger !== undefined) throw wrong('names of inputs', 'targets', stranger);
  const category = inputs.find(({ name, words }) => words && targets.includes(name));
  if (category !== undefined) throw wrong('inputs of numbers', 'targets', category.name);
  const width = networkInputs(inputs, description.calendar);
  if (description.memory === 'window' && lookback * width > MAX_WINDOW_VALUES) {
    throw wrong(`at most ${Math.floor(MAX_WINDOW_VALUES / width)}`, 'lookback', lookback);
  }
  if (readyAfter(description) > lookback) throw wrong(`at most ${lookback}`, 'warmup', description.warmup);

  const descending = levels.find((level, i) => i > 0 && level <= levels[i - 1]!);
  if (descending !== undefined) throw wrong('ascending levels', 'levels', descending);
  if (levels.length > 0 ? levels[0]! > 0.5 || levels.at(-1)! < 0.5 : headOf(loss).gives === 'quantiles') {
    throw wrong('levels around 0.5', 'levels', levels.join(', '));
  }

  const { bounds } = description;
  if (bounds && bounds.length !== targets.length)
    throw wrong(`${targets.length}, one for each target,`, 'bounds', bounds);
  const crossed = bounds?.findIndex(({ min = -Infinity, max = Infinity }) => min >= max) ?? -1;
  if (crossed >= 0)
    throw wrong(`less than max (${bounds![crossed]!.max})`, `bounds[${crossed}].min`, bounds![crossed]!.min);

  checkMarks(description);
  checkAhead(description);
  checkScaled(description);
  checkCycled(description);
  if (network.inputSize !== width) throw wrong(`${width}`, 'network.inputSize', network.inputSize);
  const outputs = headSize(description);
  if (network.headSize !== outputs) throw wrong(`${outputs}`, 'network.headSize', network.headSize);
  return description;
}

/** The inputs that tell of missing values must be there, after all others. */
function checkMarks({ inputs, targets, gap }: Description): void {
  if (gap === undefined) return;
  const names = inputs.map(({ name }) => name);
  const given = unmarked(names, gap);
  checkGapNames(gap, given, 'description.gap');
  const needed = withMarks(given, gap);
  const wrong = needed.find((name, i) => names[i] !== name);
  if (wrong !== undefined || names.length !== needed.length) {
    throw misfit(`the inputs ${needed.join(', ')}`, 'description.inputs', wrong ?? names.join(', '));
  }
  const stranger = targets.find((target) => !given.includes(target));
  if (stranger !== undefined) throw misfit(`names among ${given.join(', ')}`, 'description.targets', stranger);
}

/** All targets have a scale of their own, or no input has. */
function checkScaled({ inputs, targets, scale }: Description): void {
  if (scale === undefined) return;
  const numbers = new Set(inputs.flatMap(({ name, words }) => (words === undefined ? [name] : [])));
  const wrong = scale.inputs.find((name) => !numbers.has(name)) ?? firstRepeated(scale.inputs);
  if (wrong !== undefined) throw misfit('different names of inputs of numbers', 'description.scale.inputs', wrong);
  const scaled = new Set(scale.inputs);
  const target = targets.find((name) => !scaled.has(name));
  if (target !== undefined) throw misfit('all targets', 'description.scale.inputs', `none for ${target}`);
}

/** A cycle needs steps of time. */
function checkCycled({ cycle, interval }: Description): void {
  if (cycle === undefined) return;
  if (interval === null) throw misfit('the time between samples, for a cycle,', 'description.interval', interval);
}

function isoTime(value: unknown, name: string): string {
  if (
    typeof value === 'string' &&
    value.length <= 64 &&
    /^\d{4}-\d\d-\d\dT/.test(value) &&
    !Number.isNaN(Date.parse(value))
  ) {
    return value;
  }
  throw misfit('a time such as 2026-01-31T12:00:00Z', name, value);
}
