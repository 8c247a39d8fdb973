import { misfit } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { object, whole } from '../base/schema.ts';
import type { StateDict } from '../base/tensor.ts';
import { isA } from '../base/values.ts';
import { type Data, gather, isSeries, type KeyedTable } from '../data/series.ts';
import { EsrnnForecaster } from '../model/esrnn/esrnn-forecaster.ts';
import { Forecaster } from '../model/forecaster.ts';
import { SegmentForecaster } from '../model/segment/segment-forecaster.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import { describeFlow } from './describe-flow.ts';
import { esrnnProbe } from './esrnn-probe.ts';
import { type FlowMeasures, measuresOf } from './flow-measures.ts';
import type { Probe } from './probe.ts';
import { recurrentProbe } from './recurrent-probe.ts';
import { segmentProbe } from './segment-probe.ts';

/** How gradients flow back through a model, in numbers and in words. It is plain data, as JSON holds it. */
export interface GradientFlow extends FlowMeasures {
  /** What the numbers say of why the model learns, or why it does not. */
  readonly sentences: readonly string[];
}

export interface GradientFlowOptions {
  /**
   * Steps of a window, 1 to 100,000, of which the last one makes the forecast: lags go from 0 to `lags - 1`; fewer if
   * the series are shorter. Default the lookback of the model, at most 2048; of a segment model all segments and the
   * step that decodes, at least 2; of an esrnn model 48.
   */
  lags?: number;
}

const check = object<GradientFlowOptions>({ lags: whole(1, 100_000) }, ['lags']);

/**
 * Measures how far back a model can learn from rows, and which of its gates are saturated. It takes up to 64 windows,
 * evenly spread over the rows of all series. Each runs from the zero state to a last step, and the loss of the forecast
 * made there is carried back through all steps, as training does. Nothing is learned.
 *
 * Computes off the main thread. Rejects with `invalid-argument` for a model that was not trained, with `invalid-data`
 * for rows that the model cannot read or that are too few for a window, and with `disposed`.
 *
 * ```ts
 * const { sentences, layers } = await gradientFlow(model, table);
 * console.log(sentences.join('\n'), layers[0]!.gradient);
 * ```
 */
export async function gradientFlow(
  model: TrainedModel,
  data: Data,
  options: GradientFlowOptions = {},
): Promise<GradientFlow> {
  const probeOf = probeFor(model);
  const { lags } = check(options, 'options');
  const head = usedHead(model.weights());
  const { form, starts, trainer: trainerOf } = await probeOf(await tablesOf(data), lags);
  const trainer = trainerOf(head.weights);
  try {
    const flow = { ...measuresOf(form, await trainer.probe(starts)), head: head.name };
    return { ...flow, sentences: describeFlow(flow) };
  } finally {
    trainer.dispose();
  }
}

function probeFor(model: TrainedModel): (tables: readonly KeyedTable[], lags?: number) => Promise<Probe> {
  if (isA(model, Forecaster)) return (tables, lags) => recurrentProbe(model, tables, lags);
  if (isA(model, SegmentForecaster)) return (tables, lags) => segmentProbe(model, tables, lags);
  if (isA(model, EsrnnForecaster)) return (tables, lags) => esrnnProbe(model, tables, lags);
  throw misfit('a trained model, such as a Forecaster,', 'model', model);
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
