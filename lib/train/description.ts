import { expected, GatecastError } from '../base/errors.ts';
import { headSize } from '../model/heads/heads.ts';
import { medianInterval } from '../data/table.ts';
import { version } from '../base/version.ts';
import { unmarked } from '../model/gap.ts';
import { networkInputs } from '../model/inputs/inputs.ts';
import type { InputDescription } from '../model/model.ts';
import { type Description, parseDescription } from '../model/description.ts';
import { isa } from '../network/isa.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { calendarFor } from './calendar.ts';
import { cycleFor } from './cycle.ts';
import type { ResolvedOptions } from './options.ts';
import type { Plan } from './plan.ts';
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
  const { seed, dropout, learningRate, schedule, batchSize, weightDecay, clipNorm, patience } = options;
  const usual = intervals.find((interval) => interval !== null) ?? null;
  const given = unmarked(plan.inputs, plan.gap);
  const ahead = new Map(plan.ahead?.map((input) => [input.name, input]));
  const inputs = plan.inputs.map((name): InputDescription => {
    const later = ahead.get(name);
    const unit = first.units?.[first.names.indexOf(later?.of ?? name)];
    if (later) return { ...later, ...(unit && { unit }) };
    return { name, ...(unit && { unit }), ...(given.includes(name) && vocabularyOf(plan.series, name)) };
  });
  const category = inputs.find(({ name, words }) => words && targets.includes(name));
  if (category) throw new GatecastError('invalid-data', expected('numbers', category.name, 'words'));
  const calendar = calendarFor(plan.series, options, usual);
  const interval = options.interval === undefined ? usual : options.interval;
  const cycle = cycleFor(plan.series, { ...options, scale: plan.scale && 'series' }, calendar, interval);
  const draft: Description = {
    inputs,
    targets,
    ...(calendar && { calendar }),
    ...(cycle && { cycle }),
    interval,
    memory,
    lookback: plan.shapes[0]!.warmup + 1,
    horizon,
    anchor,
    loss,
    levels,
    ...(plan.bounds && { bounds: plan.bounds }),
    ...(plan.gap && { gap: plan.gap }),
    ...(plan.scale && { scale: plan.scale }),
    network: networkSpec(networkInputs(inputs, calendar), options),
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
      schedule,
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

function networkSpec(inputSize: number, options: ResolvedOptions): NetworkSpec {
  return {
    cell: options.cell,
    linearBeforeReset: true,
    inputSize,
    hiddenSize: options.hidden,
    projSize: options.projSize,
    numLayers: options.layers,
    bias: true,
    bidirectional: false,
    headSize: headSize(options),
  };
}

function countRows(spans: readonly { from: number; to: number }[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
