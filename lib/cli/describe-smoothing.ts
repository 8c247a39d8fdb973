import type { EsrnnDescription } from '../model/esrnn/description.ts';
import { readyAfter } from '../model/model.ts';

/** The seasons and the network of an esrnn model in a few words. */
export function describeSmoothed({ smoothing, recurrent }: EsrnnDescription): string {
  const { periods } = smoothing;
  const { cell, layers, hidden } = recurrent;
  const seasons = periods.length === 0 ? 'a level' : `a level and seasons of ${periods.join(' and ')} samples`;
  return `${cell.toUpperCase()}, ${layers} x ${hidden} units, on what smoothing leaves: ${seasons}`;
}

/** When a stream of an esrnn model is ready, and what it costs. */
export function describeSmoothing(description: EsrnnDescription): string {
  return `carried, ready after ${readyAfter(description)} samples, in which a stream finds its smoothing`;
}
