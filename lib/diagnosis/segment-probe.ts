import type { KeyedTable } from '../data/series.ts';
import { segmentSpec } from '../model/segment/description.ts';
import type { SegmentForecaster } from '../model/segment/segment-forecaster.ts';
import { segmentShapes } from '../network/segment-spec.ts';
import { SegmentTrainer } from '../network/segment-trainer.ts';
import { halves, windowsOf } from './flow-windows.ts';
import { idleOptions, type Probe } from './probe.ts';

/** Of a model that reads its window in segments: its last step decodes the horizon. Default all its segments. */
export async function segmentProbe(
  model: SegmentForecaster,
  tables: readonly KeyedTable[],
  lags?: number,
): Promise<Probe> {
  const { description } = model;
  const spec = segmentSpec(description);
  const { segment, cell, hidden } = spec;
  const history = lags === undefined ? spec.history : Math.max(1, lags - 1);
  const { data, starts } = await windowsOf(
    model,
    tables,
    halves(history).map((segments) => segments * segment),
  );
  const network = { ...spec, history: data.shape.window / segment, linear: 0 };
  const shapes = segmentShapes(network);
  return {
    form: {
      kind: 'segment',
      cell,
      lags: network.history + 1,
      rowsPerLag: segment,
      layers: ['layer 0'],
      outputs: hidden,
      inputs: [['target', 0]],
      shapes,
    },
    starts,
    trainer: (weights) => {
      const learned = Object.fromEntries(Object.entries(weights).filter(([name]) => shapes.has(name)));
      return new SegmentTrainer(data.rows, { ...idleOptions(description), network }, learned, data.marks.missing);
    },
  };
}
