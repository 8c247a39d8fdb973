import type { KeyedTable } from '../data/series.ts';
import { esrnnSpec } from '../model/esrnn/description.ts';
import type { EsrnnForecaster } from '../model/esrnn/esrnn-forecaster.ts';
import { Smoothing } from '../model/esrnn/smoothing.ts';
import { parameterShapes, recurrentSize } from '../network/network-spec.ts';
import { Trainer } from '../network/trainer.ts';
import { ESRNN_STEPS, smoothedRows } from '../train/models/esrnn.ts';
import { halves, windowsOf } from './flow-windows.ts';
import { idleOptions, type Probe } from './probe.ts';
import { layersOf } from './recurrent-probe.ts';

/** Of a model that smooths each series, after its cold start. Default lags: those of a window of its training. */
export async function esrnnProbe(
  model: EsrnnForecaster,
  tables: readonly KeyedTable[],
  lags = ESRNN_STEPS,
): Promise<Probe> {
  const { description } = model;
  const { targets, horizon, smoothing: form } = description;
  const network = esrnnSpec(description);
  const smoothing = new Smoothing(form, horizon);
  const { plan, data, starts } = await windowsOf(model, tables, halves(lags), smoothing.start);
  const values = form.window / form.block;
  return {
    form: {
      kind: 'esrnn',
      cell: network.cell,
      lags: data.shape.window,
      rowsPerLag: 1,
      layers: layersOf(network),
      outputs: recurrentSize(network),
      inputs: targets.flatMap((target, t) => {
        const from = t * smoothing.width;
        const spread = from + smoothing.width - 1;
        const seasons = form.periods.length > 0 ? [[`${target}, seasons`, from + values] as const] : [];
        return [[target, from] as const, ...seasons, [`${target}, spread`, spread] as const];
      }),
      shapes: parameterShapes(network),
    },
    starts,
    trainer: (weights) => {
      const { rows, marks } = smoothedRows(plan, data);
      const options = { ...idleOptions(description), network, ...data.shape };
      return new Trainer(
        rows,
        { ...options, feedForward: false, carries: false, targets: targets.map((_, t) => t), anchor: false },
        weights,
        marks,
      );
    },
  };
}
