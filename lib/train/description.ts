import { describe, expected, GatecastError } from '../base/errors.ts';
import { streamsOf } from '../model/channels.ts';
import { headOf, headSize } from '../model/heads/heads.ts';
import { medianInterval } from '../data/table.ts';
import { version } from '../base/version.ts';
import { unmarked } from '../model/gap.ts';
import { networkInputs } from '../model/inputs/inputs.ts';
import type { InputDescription } from '../model/model.ts';
import { type Description, parseDescription } from '../model/description.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import { isa } from '../network/isa.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { calendarFor } from './calendar.ts';
import { cycleFor } from './cycle.ts';
import { lagsFor } from './lags.ts';
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

/** What a plan has before there is a description. */
export type Draft = Omit<Plan, 'description'>;

/**
 * The description of a forecaster with this plan, before learning. Throws `invalid-argument` for a name or a unit that
 * no forecaster takes.
 */
export function draftDescription(plan: Draft, options: ResolvedOptions): Description {
  const shared = sharedDraft(plan, options);
  const calendar = calendarFor(plan.series, options, usualInterval(plan));
  const cycle = cycleFor(plan.series, { ...options, scale: plan.scale && 'series' }, calendar, shared.interval);
  const { memory, anchor, channels } = options;
  const lags = lagsFor(plan.series, options, calendar, shared);
  const form = {
    ...shared,
    ...(channels !== undefined && channels !== 'joint' && { channels }),
    ...(calendar && { calendar }),
  };
  const draft: Description = {
    ...form,
    ...(cycle && { cycle }),
    memory,
    anchor,
    ...(plan.scale && { scale: plan.scale }),
    ...(lags && { lags }),
    network: networkSpec(networkInputs({ ...form, ...(lags && { lags }) }), headSize(form) / streamsOf(form), options),
  };
  parseDescription(draft);
  return draft;
}

/** The part of a description that is the same for all kinds of models. Throws `invalid-data` for a target of words. */
export function sharedDraft(plan: Draft, options: ResolvedOptions): TrainedDescription {
  const first = plan.series[0]!.table;
  const { targets, horizon, loss, levels } = options;
  const { seed, dropout, learningRate, schedule, batchSize, weightDecay, clipNorm, patience } = options;
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
  return {
    inputs,
    targets,
    ...(classes && { classes }),
    ...(horizon === 0 && { present: true }),
    interval: options.interval === undefined ? usualInterval(plan) : options.interval,
    lookback: plan.shapes[0]!.warmup + 1,
    horizon: Math.max(1, horizon),
    loss,
    levels,
    ...(plan.bounds && { bounds: plan.bounds }),
    ...(plan.gap && { gap: plan.gap }),
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
      ...(options.stateful && { stateful: true }),
      trainedAt: new Date().toISOString(),
      version,
      isa: isa(),
    },
  };
}

/** The usual time between rows [ms] of the first series with times; null if none has. */
function usualInterval({ series }: Draft): number | null {
  for (const { table } of series) {
    const interval = medianInterval(table);
    if (interval !== null) return interval;
  }
  return null;
}

/** The description of the model that was learned with `seed`. Each member of an ensemble has its own seed. */
export function finishDescription<D extends TrainedDescription>(
  draft: D,
  seed: number,
  shape: WindowShape,
  best: BestPass,
): D {
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

function networkSpec(inputSize: number, outputs: number, options: ResolvedOptions): NetworkSpec {
  return {
    cell: options.cell,
    linearBeforeReset: true,
    inputSize,
    hiddenSize: options.hidden,
    projSize: options.projSize,
    numLayers: options.layers,
    bias: true,
    bidirectional: options.bidirectional,
    headSize: outputs,
    ...(options.attention > 0 && { attention: options.attention }),
    ...(options.layerNorm && { layerNorm: true }),
    ...(options.residual && { residual: true }),
  };
}

function countRows(spans: readonly { from: number; to: number }[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
