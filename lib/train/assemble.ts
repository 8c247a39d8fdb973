import { medianInterval } from '../data/table.ts';
import type { Description } from '../model/description.ts';
import { Forecaster } from '../model/forecaster.ts';
import { isa } from '../network/isa.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { Trainer } from '../network/trainer.ts';
import type { StateDict } from '../base/tensor.ts';
import { version } from '../base/version.ts';
import type { TrainingData } from './data.ts';
import { initialWeights } from './initial.ts';
import type { ResolvedOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { residualQuantiles } from './residuals.ts';
import { measureWarmup } from './warmup.ts';
import type { WindowShape } from './windows.ts';

/** The native trainer for a plan, at its starting weights. */
export function createTrainer(plan: Plan, data: TrainingData, options: ResolvedOptions): Trainer {
  const targets = options.targets.map((target) => plan.inputs.indexOf(target));
  const network = networkSpec(plan, options);
  const { loss, dropout, batchSize, weightDecay, clipNorm, seed } = options;
  return new Trainer(
    data.rows,
    {
      network,
      ...data.shape,
      feedForward: options.memory === 'window' && data.shape.freeSteps > 0, // then a window is one sample
      targets,
      anchor: options.anchor === 'last',
      loss,
      levels: loss === 'quantile' ? [...options.levels] : [],
      dropout,
      batchSize,
      weightDecay,
      clipNorm,
      seed,
    },
    initialWeights(network, data, targets, options),
  );
}

/** What is known of the pass whose weights are kept. */
export interface BestPass {
  bestEpoch: number;
  /** Passes done in all. */
  epochs: number;
  trainLoss: number;
  validationLoss: number;
}

const noPass: BestPass = { bestEpoch: 0, epochs: 0, trainLoss: 0, validationLoss: 0 };

/** The forecaster a training ends with; undefined when `signal` aborts meanwhile. */
export async function assemble(
  plan: Plan,
  data: TrainingData,
  options: ResolvedOptions,
  best: BestPass,
  weights: StateDict,
  signal: AbortSignal,
): Promise<Forecaster | undefined> {
  const { scaler } = data;
  const judged = plan.parts.filter(({ validation }) => validation.to > validation.from);
  const description = describeForecaster(plan, options, data.shape, best);
  const own = options.loss === 'quantile';
  const plain = Forecaster.from({ description: own ? description : { ...description, levels: [] }, weights, scaler });
  try {
    const residuals = own ? undefined : await residualQuantiles(plain, judged, options.levels, signal);
    // A window that is not full yet is one that the network never learned from.
    const warmup =
      options.memory === 'window' ? description.lookback : await measureWarmup(plain, judged, data.shape, signal);
    if (signal.aborted) return undefined;
    return Forecaster.from({ description: { ...description, warmup: warmup! }, weights, scaler, residuals });
  } finally {
    plain.dispose();
  }
}

/** What a forecaster of this plan is, but for its numbers; before any pass, `best` is left out. */
export function describeForecaster(
  plan: Plan,
  options: ResolvedOptions,
  shape: WindowShape,
  best: BestPass = noPass,
): Description {
  const first = plan.parts[0]!.table;
  const { targets, memory, horizon, anchor, loss, levels } = options;
  const { seed, dropout, learningRate, batchSize, weightDecay, clipNorm, patience } = options;
  return {
    inputs: plan.inputs.map((name) => {
      const unit = first.units?.[first.names.indexOf(name)];
      return unit ? { name, unit } : { name };
    }),
    targets,
    interval: options.interval === undefined ? medianInterval(first) : options.interval,
    memory,
    lookback: shape.warmup + 1,
    horizon,
    anchor,
    loss,
    levels,
    ...(plan.bounds && { bounds: plan.bounds }),
    network: networkSpec(plan, options),
    training: {
      rows: countRows(plan.parts.map((part) => part.training)),
      validationRows: countRows(plan.parts.map((part) => part.validation)),
      epochs: best.epochs,
      bestEpoch: best.bestEpoch,
      trainLoss: best.trainLoss,
      validationLoss: best.validationLoss,
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
}

function networkSpec(plan: Plan, options: ResolvedOptions): NetworkSpec {
  const levels = options.loss === 'quantile' ? options.levels.length : 1;
  return {
    cell: options.cell,
    linearBeforeReset: true,
    inputSize: plan.inputs.length,
    hiddenSize: options.hidden,
    projSize: options.projSize,
    numLayers: options.layers,
    bias: true,
    bidirectional: false,
    headSize: options.targets.length * options.horizon * levels,
  };
}

function countRows(spans: readonly { from: number; to: number }[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
