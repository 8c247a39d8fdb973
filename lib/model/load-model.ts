import { readFileWhole } from '../files/read-file.ts';
import { openModelFile } from './file.ts';
import { Forecaster } from './forecaster.ts';
import { saysEsrnn } from './esrnn/description.ts';
import { EsrnnForecaster } from './esrnn/esrnn-forecaster.ts';
import { saysSegment } from './segment/description.ts';
import { SegmentForecaster } from './segment/segment-forecaster.ts';
import type { TrainedModel } from './trained-model.ts';

/**
 * Reads a .gatecast file of a model of any kind. Throws `io` if it cannot be read; `invalid-file` if it is damaged, of
 * another kind or of a newer version; and `golden-mismatch` if its network computes other numbers than when it was
 * saved.
 */
export async function loadModel(path: string): Promise<TrainedModel> {
  const bytes = await readFileWhole(path);
  const { description } = openModelFile(bytes, path);
  if (saysEsrnn(description)) return EsrnnForecaster.fromBytes(bytes, path);
  return saysSegment(description) ? SegmentForecaster.fromBytes(bytes, path) : Forecaster.fromBytes(bytes, path);
}
