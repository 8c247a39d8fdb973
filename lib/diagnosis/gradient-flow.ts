import { misfit } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { object, whole } from '../base/schema.ts';
import type { StateDict } from '../base/tensor.ts';
import { isA } from '../base/values.ts';
import { type Data, gather, isSeries, type KeyedTable } from '../data/series.ts';
import { Forecaster } from '../model/forecaster.ts';
import { headOf } from '../model/heads/heads.ts';
import { Trainer } from '../network/trainer.ts';
import { describeFlow } from './describe-flow.ts';
import { type FlowMeasures, measuresOf } from './flow-measures.ts';
import { type FlowWindows, windowsFor } from './flow-windows.ts';

/** How gradients flow back through a model, in numbers and in words. It is plain data, as JSON holds it. */
export interface GradientFlow extends FlowMeasures {
  /** What the numbers say of why the model learns, or why it does not. */
  readonly sentences: readonly string[];
}

export interface GradientFlowOptions {
  /**
   * Steps of a window, 1 to 100,000, of which the last one makes the forecast: lags go from 0 to `lags - 1`. Default
   * the lookback of the model, at most 2048; fewer if the series are shorter.
   */
  lags?: number;
}

/** Most lags by default. */
const MOST_LAGS = 2048;
/** Windows that are computed side by side. */
const BATCH = 8;

const check = object<GradientFlowOptions>({ lags: whole(1, 100_000) }, ['lags']);

/**
 * Measures how far back a recurrent model can learn from rows, and which of its gates are saturated. It takes up to 64
 * windows, evenly spread over the rows of all series. Each runs from the zero state to a last step, and the loss of the
 * forecast made there is carried back through all steps, as training does. Nothing is learned.
 *
 * Computes off the main thread. Rejects with `invalid-argument` for a model that is not recurrent, with `invalid-data`
 * for rows that the model cannot read or that are too few for a window, and with `disposed`.
 *
 * ```ts
 * const { sentences, layers } = await gradientFlow(model, table);
 * console.log(sentences.join('\n'), layers[0]!.gradient);
 * ```
 */
export async function gradientFlow(
  model: Forecaster,
  data: Data,
  options: GradientFlowOptions = {},
): Promise<GradientFlow> {
  if (!isA(model, Forecaster)) {
    throw misfit('a recurrent model (a Forecaster), whose steps gradients flow back through,', 'model', model);
  }
  const { lags = Math.min(model.description.lookback, MOST_LAGS) } = check(options, 'options');
  const head = usedHead(model.weights());
  const windows = await windowsFor(model, await tablesOf(data), lags);
  const trainer = trainerFor(windows, head.weights);
  try {
    const measured = await trainer.probe(windows.starts);
    const flow = { ...measuresOf(windows, measured), head: head.name };
    return { ...flow, sentences: describeFlow(flow) };
  } finally {
    trainer.dispose();
  }
}

async function tablesOf(data: Data): Promise<KeyedTable[]> {
  if (!isSeries(data)) return [{ ...data, key: '' }];
  return [...(await gather(data))].map(([key, table]) => ({ ...table, key }));
}

/**
 * The weights with the model's own head, or with a random one if all weights of its own are 0: no gradient would pass
 * through that to the layers.
 */
function usedHead(weights: StateDict): { name: FlowMeasures['head']; weights: StateDict } {
  const { shape, data } = weights['head.weight']!;
  if (data.some((value) => value !== 0)) return { name: 'own', weights };
  const random = createRandom(1);
  const size = 1 / Math.sqrt(shape[1]!);
  const drawn = data.map(() => size * (2 * random() - 1));
  return { name: 'random', weights: { ...weights, 'head.weight': { shape, data: drawn } } };
}

function trainerFor({ description, data, targets }: FlowWindows, weights: StateDict): Trainer {
  const { network, anchor, loss, levels } = description;
  return new Trainer(
    data.rows,
    {
      network,
      ...data.shape,
      feedForward: false,
      carries: false,
      targets: [...targets],
      anchor: anchor === 'last',
      loss,
      levels: headOf(loss).gives === 'quantiles' ? [...levels] : [],
      dropout: 0,
      batchSize: BATCH,
      weightDecay: 0,
      clipNorm: 0,
      seed: 0,
      threads: 1,
    },
    weights,
    data.marks,
  );
}
