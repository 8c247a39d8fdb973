import { Forecaster } from '../../lib/model/forecaster.ts';
import { createRandom } from '../../lib/base/random.ts';
import type { CycleDescription } from '../../lib/model/inputs/cycle.ts';
import type { Description } from '../../lib/model/description.ts';
import type { ForecasterParts } from '../../lib/model/parts.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { type EsrnnDescription, type EsrnnNetwork, esrnnSpec } from '../../lib/model/esrnn/description.ts';
import { EsrnnForecaster } from '../../lib/model/esrnn/esrnn-forecaster.ts';
import type { SmoothingForm } from '../../lib/model/esrnn/smoothing.ts';
import { type SegmentDescription, type SegmentForm, segmentSpec } from '../../lib/model/segment/description.ts';
import { SegmentForecaster } from '../../lib/model/segment/segment-forecaster.ts';
import { initialSegmentWeights } from '../../lib/network/segment-spec.ts';
import type { NetworkSpec } from '../../lib/network/network-spec.ts';
import type { StateDict, Tensor } from '../../lib/base/tensor.ts';

/** The description of a small forecaster: two inputs, of which the second is forecast 3 steps ahead. */
export function describeModel(
  changes: Partial<Omit<Description, 'network'>> & { network?: Partial<NetworkSpec> } = {},
): Description {
  const { network, ...others } = changes;
  const description: Description = {
    inputs: [{ name: 'pressure', unit: 'bar' }, { name: 'temperature' }],
    targets: ['temperature'],
    interval: 1000,
    memory: 'carried',
    lookback: 5,
    horizon: 3,
    anchor: 'last',
    loss: 'quantile',
    levels: [0.1, 0.5, 0.9],
    network: {} as NetworkSpec,
    training: {
      rows: 1000,
      validationRows: 200,
      epochs: 10,
      bestEpoch: 7,
      trainLoss: 0.1,
      validationLoss: 0.12,
      seed: 1,
      dropout: 0,
      learningRate: 0.003,
      batchSize: 32,
      weightDecay: 0.01,
      clipNorm: 1,
      patience: 8,
      trainedAt: '2026-01-31T12:00:00.000Z',
      version: '0.1.0',
      isa: 'scalar',
    },
    ...others,
  };
  const { inputs, targets, channels, horizon, loss, levels } = description;
  return {
    ...description,
    network: {
      cell: 'gru',
      linearBeforeReset: true,
      inputSize: channels ? (channels === 'embedded' ? 1 + targets.length : 1) : inputs.length, // of numbers only
      hiddenSize: 5,
      projSize: 0,
      numLayers: 2,
      bias: true,
      bidirectional: false,
      headSize: (channels ? 1 : targets.length) * horizon * (loss === 'quantile' ? levels.length : 1),
      ...network,
    },
  };
}

/** Parts that fit `description`: weights from -1 to 1 and scalers of chance, the same for the same description. */
export function partsFor(description: Description): ForecasterParts {
  const names = description.inputs.map(({ name }) => name);
  const scaler = new Scaler(
    names,
    names.map((_, i) => 10 * (i + 1)),
    names.map((_, i) => 0.5 + i),
  );
  const { targets, horizon, loss, levels, cycle } = description;
  const plain = loss !== 'quantile' && levels.length > 0;
  const spread = levels.flatMap((level) => level - 0.5);
  const residuals: Tensor = {
    shape: [targets.length * horizon, levels.length],
    data: Float32Array.from({ length: targets.length * horizon * levels.length }, (_, i) => spread[i % spread.length]!),
  };
  return {
    description,
    weights: randomWeights(description.network),
    scaler,
    ...(plain && { residuals }),
    ...(cycle && { course: courseFor(targets, cycle) }),
  };
}

/** A course of chance from -1 to 1, [targets, phases]. */
function courseFor(targets: readonly string[], { phases }: CycleDescription): Tensor {
  const random = createRandom(5);
  const data = Float32Array.from({ length: targets.length * phases }, () => 2 * random() - 1);
  return { shape: [targets.length, phases], data };
}

export function makeModel(changes: Parameters<typeof describeModel>[0] = {}): Forecaster {
  return Forecaster.from(partsFor(describeModel(changes)));
}

/** Weights by PyTorch's names, written out here on their own. */
export function randomWeights({
  cell,
  inputSize,
  hiddenSize,
  projSize,
  numLayers,
  bias,
  bidirectional,
  headSize,
  attention,
  layerNorm,
}: NetworkSpec): StateDict {
  const gates = cell === 'lstm' ? 4 : 3;
  const size = projSize || hiddenSize;
  const given = bidirectional ? 2 * size : size;
  const dict: StateDict = {};
  let seed = 12345;
  const add = (name: string, ...shape: number[]) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 31 - 1;
    });
    dict[name] = { shape, data };
  };
  for (let layer = 0; layer < numLayers; layer++) {
    for (const name of bidirectional ? [`l${layer}`, `l${layer}_reverse`] : [`l${layer}`]) {
      add(`weight_ih_${name}`, gates * hiddenSize, layer === 0 ? inputSize : given);
      add(`weight_hh_${name}`, gates * hiddenSize, size);
      if (bias) add(`bias_ih_${name}`, gates * hiddenSize);
      if (bias) add(`bias_hh_${name}`, gates * hiddenSize);
      if (projSize > 0) add(`weight_hr_${name}`, projSize, hiddenSize);
    }
    if (layerNorm) add(`norm_l${layer}.weight`, given);
    if (layerNorm) add(`norm_l${layer}.bias`, given);
  }
  if (attention) {
    add('attention.weight', given, given);
    add('attention.bias', given);
  }
  add('head.weight', headSize, attention ? 2 * given : given);
  add('head.bias', headSize);
  return dict;
}

/** A small segment model of these targets, its weights of chance. */
export function makeSegmentModel(
  changes: Partial<Omit<SegmentDescription, 'segments'>> & { segments?: Partial<SegmentForm> } = {},
): SegmentForecaster {
  const { segments, ...others } = changes;
  const { network: _network, memory: _memory, anchor: _anchor, ...shared } = describeModel();
  const description: SegmentDescription = {
    ...shared,
    model: 'segment',
    targets: shared.inputs.map(({ name }) => name),
    lookback: 6,
    segments: { cell: 'gru', hidden: 6, segment: 2, channels: true, normalise: 'last', ...segments },
    ...others,
  };
  const { targets, horizon, loss, levels, cycle } = description;
  const weights = initialSegmentWeights(segmentSpec(description), 1);
  const rows = loss !== 'quantile' && levels.length > 0 ? targets.length * horizon : 0;
  const data = Float32Array.from({ length: rows * levels.length }, (_, i) => levels[i % levels.length]! - 0.5);
  return SegmentForecaster.from({
    description,
    weights,
    scaler: new Scaler(targets, [10, 20].slice(0, targets.length), [0.5, 1.5].slice(0, targets.length)),
    ...(rows > 0 && { residuals: { shape: [rows, levels.length], data } }),
    ...(cycle && { course: courseFor(targets, cycle) }),
  });
}

/** A small esrnn model of these targets, its weights of chance. */
export function makeEsrnnModel(
  changes: Partial<Omit<EsrnnDescription, 'smoothing' | 'recurrent'>> & {
    smoothing?: Partial<SmoothingForm>;
    recurrent?: Partial<EsrnnNetwork>;
  } = {},
): EsrnnForecaster {
  const { smoothing, recurrent, ...others } = changes;
  const { network: _network, memory: _memory, anchor: _anchor, ...shared } = describeModel();
  const description: EsrnnDescription = {
    ...shared,
    model: 'esrnn',
    targets: shared.inputs.map(({ name }) => name),
    lookback: 8,
    warmup: 8,
    smoothing: { periods: [3], level: 0.2, season: 0.1, log: true, window: 6, block: 2, ...smoothing },
    recurrent: { cell: 'lstm', hidden: 5, layers: 1, ...recurrent },
    ...others,
  };
  const { targets, horizon, loss, levels } = description;
  const rows = loss !== 'quantile' && levels.length > 0 ? targets.length * horizon : 0;
  const data = Float32Array.from({ length: rows * levels.length }, (_, i) => levels[i % levels.length]! - 0.5);
  return EsrnnForecaster.from({
    description,
    weights: randomWeights(esrnnSpec(description)),
    scaler: new Scaler(targets, [10, 20].slice(0, targets.length), [0.5, 1.5].slice(0, targets.length)),
    ...(rows > 0 && { residuals: { shape: [rows, levels.length], data } }),
  });
}
