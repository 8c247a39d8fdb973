import { describe, expected, GatecastError } from '../base/errors.ts';
import { headOf, headSize } from '../model/heads/heads.ts';
import { medianInterval } from '../data/table.ts';
import { version } from '../base/version.ts';
import { unmarked } from '../model/gap.ts';
import { networkInputs } from '../model/inputs/inputs.ts';
import type { InputDescription } from '../model/model.ts';
import { type Description, parseDescription } from '../model/description.ts';
import { isa } from '../network/isa.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { calendarFor } from './calendar.ts';
import type { ResolvedOptions } from './options.ts';
import type { Plan, SeriesRows } from './plan.ts';
import { vocabularyOf } from './vocabulary.ts';
import type { WindowShape } from './windows.ts';

/** The pass whose weights are kept. */
export interface BestPass {
  bestEpoch: number;
  /** How many passes were done. */
  epochs: number;
  trainLoss: number;
  validationLoss: number;
}

/**
 * The description of a forecaster with this plan, before learning. Throws `invalid-argument` for a name or a unit that
 * no forecaster takes.
 */
export function draftDescription(plan: Omit<Plan, 'description'>, options: ResolvedOptions): Description {
  const first = plan.series[0]!.table;
  const intervals = plan.series.map(({ table }) => medianInterval(table));
  const { targets, memory, horizon, anchor, loss, levels } = options;
  const { seed, dropout, learningRate, batchSize, weightDecay, clipNorm, patience } = options;
  const usual = intervals.find((interval) => interval !== null) ?? null;
  const given = unmarked(plan.inputs, plan.gap);
  const ahead = new Map(plan.ahead?.map((input) => [input.name, input]));
  const inputs = plan.inputs.map((name): InputDescription => {
    const later = ahead.get(name);
    const unit = first.units?.[first.names.indexOf(later?.of ?? name)];
    if (later) return { ...later, ...(unit && { unit }) };
    return { name, ...(unit && { unit }), ...(given.includes(name) && vocabularyOf(plan.series, name)) };
  });
  const classes = headOf(loss).truths === 'classes' ? classesOf(plan.series, targets[0]!) : undefined;
  const category = inputs.find(({ name, words }) => words && targets.includes(name));
  if (category && !classes) throw new GatecastError('invalid-data', expected('numbers', category.name, 'words'));
  const calendar = calendarFor(plan.series, options, usual);
  const draft: Description = {
    inputs,
    targets,
    ...(classes && { classes }),
    ...(horizon === 0 && { present: true }),
    ...(calendar && { calendar }),
    interval: options.interval === undefined ? usual : options.interval,
    memory,
    lookback: plan.shapes[0]!.warmup + 1,
    horizon: Math.max(1, horizon),
    anchor,
    loss,
    levels,
    ...(plan.bounds && { bounds: plan.bounds }),
    ...(plan.gap && { gap: plan.gap }),
    ...(plan.scale && { scale: plan.scale }),
    network: networkSpec(networkInputs(inputs, calendar), options, classes),
    training: {
      rows: countRows(plan.series.map(({ training }) => training)),
      validationRows: countRows(plan.series.map(({ validation }) => validation)),
      ...(plan.unvalidated && { unvalidated: plan.unvalidated }),
      epochs: 0,
      bestEpoch: 0,
      trainLoss: 0,
      validationLoss: 0,
      seed,
      dropout,
      learningRate,
      batchSize,
      weightDecay,
      clipNorm,
      patience,
      trainedAt: new Date().toISOString(),
      version,
      isa: isa(),
    },
  };
  parseDescription(draft);
  return draft;
}

/** The description of the forecaster that was learned with `seed`. Each member of an ensemble has its own seed. */
export function finishDescription(draft: Description, seed: number, shape: WindowShape, best: BestPass): Description {
  const { bestEpoch, epochs, trainLoss, validationLoss } = best;
  const learned = { seed, bestEpoch, epochs, trainLoss, validationLoss, trainedAt: new Date().toISOString() };
  return { ...draft, lookback: shape.warmup + 1, training: { ...draft.training, ...learned } };
}

/** The words of the category that is forecast. Throws `invalid-data` if there is nothing to tell apart. */
function classesOf(series: readonly SeriesRows[], target: string): readonly string[] {
  const words = vocabularyOf(series, target)?.words;
  if (words === undefined) throw new GatecastError('invalid-data', expected('words', target, 'numbers'));
  if (words.length > 1) return words;
  const message = `Expected at least two words in ${describe(target)} to tell apart but found only ${describe(words[0])}.`;
  throw new GatecastError('invalid-data', message);
}

function networkSpec(
  inputSize: number,
  options: ResolvedOptions,
  classes: readonly string[] | undefined,
): NetworkSpec {
  const { horizon } = options;
  return {
    cell: options.cell,
    linearBeforeReset: true,
    inputSize,
    hiddenSize: options.hidden,
    projSize: options.projSize,
    numLayers: options.layers,
    bias: true,
    bidirectional: false,
    headSize: headSize({ ...options, horizon: Math.max(1, horizon), ...(classes && { classes }) }),
  };
}

function countRows(spans: readonly { from: number; to: number }[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
