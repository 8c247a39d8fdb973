import { misfit } from '../base/errors.ts';
import {
  boolean,
  type Check,
  firstRepeated,
  list,
  number,
  object,
  oneOf,
  orNull,
  text,
  whole,
} from '../base/schema.ts';
import type { Bounds } from './bounds.ts';
import { checkGap, checkGapNames, unmarked, withMarks } from './gap.ts';
import { headOf, losses } from './heads/heads.ts';
import { checkClasses, checkInput } from './inputs/inputs.ts';
import { readyAfter } from './model.ts';
import type { TrainedDescription, TrainingRecord } from './trained-model.ts';

const amount = number(0, Number.MAX_VALUE);
const count = whole(0, Number.MAX_SAFE_INTEGER);
const finite = number(-Number.MAX_VALUE, Number.MAX_VALUE);

/** The checks of the fields that the descriptions of all trained models have. Every count has a bound. */
export const sharedFields = {
  inputs: list(checkInput, 1, 65_536),
  targets: list(text(256), 1, 4096),
  classes: checkClasses,
  present: isTrue,
  interval: orNull(number(1e-6, 1e15)),
  lookback: whole(1, 1_000_000),
  warmup: whole(1, 1_000_000),
  horizon: whole(1, 65_536),
  loss: oneOf(...losses),
  levels: list(number(1e-6, 1 - 1e-6), 0, 199),
  bounds: list(object<Bounds>({ min: finite, max: finite }, ['min', 'max']), 1, 4096),
  gap: checkGap,
  dependence: list(list(number(-1, 1), 1, 65_535), 1, 4096),
  training: object<TrainingRecord>(
    {
      rows: count,
      validationRows: count,
      unvalidated: count,
      epochs: count,
      bestEpoch: count,
      refit: boolean,
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
      stateful: isTrue,
      from: text(64),
      trainedAt: isoTime,
      version: text(64),
      isa: text(64),
    },
    ['unvalidated', 'refit', 'schedule', 'stateful', 'from'],
  ),
} satisfies { [K in keyof TrainedDescription]?: Check<TrainedDescription[K]> };

export const optionalSharedFields = ['classes', 'present', 'warmup', 'bounds', 'gap', 'dependence'] as const;

/** Checks that the shared fields of a description fit together. Throws `invalid-argument`, naming the field. */
export function checkShared(description: TrainedDescription): void {
  const { inputs, targets, lookback, levels, loss, bounds } = description;
  const wrong = (what: string, field: string, received: unknown) => {
    return misfit(what, `description.${field}`, received);
  };
  const repeated = firstRepeated(inputs.map((input) => input.name)) ?? firstRepeated(targets);
  if (repeated !== undefined) throw wrong('different names', 'inputs and targets', repeated);
  checkTargets(description);
  if (readyAfter(description) > lookback) throw wrong(`at most ${lookback}`, 'warmup', description.warmup);

  const descending = levels.find((level, i) => i > 0 && level <= levels[i - 1]!);
  if (descending !== undefined) throw wrong('ascending levels', 'levels', descending);
  if (levels.length > 0 ? levels[0]! > 0.5 || levels.at(-1)! < 0.5 : headOf(loss).gives === 'quantiles') {
    throw wrong('levels around 0.5', 'levels', levels.join(', '));
  }

  if (bounds && bounds.length !== targets.length)
    throw wrong(`${targets.length}, one for each target,`, 'bounds', bounds);
  const crossed = bounds?.findIndex(({ min = -Infinity, max = Infinity }) => min >= max) ?? -1;
  if (crossed >= 0)
    throw wrong(`less than max (${bounds![crossed]!.max})`, `bounds[${crossed}].min`, bounds![crossed]!.min);
  checkMarks(description);
  checkDependence(description);
}

/** One number for each target and each pair of neighbouring steps. */
function checkDependence({ dependence, targets, horizon }: TrainedDescription): void {
  if (dependence === undefined) return;
  const wrong = dependence.length !== targets.length || dependence.some((steps) => steps.length !== horizon - 1);
  const what = `${targets.length} lists of ${horizon - 1} numbers`;
  if (wrong) throw misfit(what, 'description.dependence', dependence);
}

/** What is forecast, and what its head can tell of it. */
function checkTargets({ inputs, targets, classes, present, horizon, loss, levels, bounds }: TrainedDescription): void {
  const wrong = (what: string, field: string, received: unknown) => {
    return misfit(what, `description.${field}`, received);
  };
  const of = `with the loss '${loss}'`;
  const words = headOf(loss).truths === 'classes';
  if (words !== (classes !== undefined)) throw wrong(words ? `words ${of}` : `none ${of}`, 'classes', classes);
  if (present && !(words && horizon === 1)) throw wrong('none, or classes with horizon 1,', 'present', present);
  if (words && targets.length > 1) throw wrong(`one target ${of}`, 'targets', targets.join(', '));
  if (words && levels.length > 0) throw wrong(`none ${of}`, 'levels', levels.join(', '));
  if (words && bounds) throw wrong(`none ${of}`, 'bounds', bounds);
  const named = new Map(inputs.map((input) => [input.name, input]));
  for (const target of targets) {
    const input = named.get(target);
    if (present && input) throw wrong('none of the inputs in a model of the present', 'targets', target);
    if (present) continue;
    if (!input) throw wrong('names of inputs', 'targets', target);
    if (words !== (input.words !== undefined)) {
      throw wrong(words ? 'an input with words' : 'inputs of numbers', 'targets', target);
    }
  }
}

/** The inputs that tell of missing values must be there, after all others. */
function checkMarks({ inputs, targets, present, gap }: TrainedDescription): void {
  if (gap === undefined) return;
  const names = inputs.map(({ name }) => name);
  const given = unmarked(names, gap);
  checkGapNames(gap, given, 'description.gap');
  const needed = withMarks(given, gap);
  const wrong = needed.find((name, i) => names[i] !== name);
  if (wrong !== undefined || names.length !== needed.length) {
    throw misfit(`the inputs ${needed.join(', ')}`, 'description.inputs', wrong ?? names.join(', '));
  }
  const stranger = targets.find((target) => !present && !given.includes(target));
  if (stranger !== undefined) throw misfit(`names among ${given.join(', ')}`, 'description.targets', stranger);
}

function isTrue(value: unknown, name: string): true {
  if (value === true) return value;
  throw misfit('true', name, value);
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
