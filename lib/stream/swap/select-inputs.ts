import type { Model } from '../../model/model.ts';
import { isInvalidSample } from '../../model/model-state.ts';
import { readSample, type Sample } from '../../model/sample.ts';
import { orUnreadable } from '../../base/values.ts';
import type { SourceCheck } from '../../model/source-check.ts';
import type { Reading } from './recent-samples.ts';

/**
 * A sample with its values in the order of `names`, in `values`, NaN where missing; undefined for an invalid one that
 * is to be skipped. Throws as `StreamState.step` does.
 */
export function readInOrder(
  sample: Sample,
  names: readonly string[],
  values: Float64Array,
  source: SourceCheck,
  onInvalid: 'skip' | 'error' = 'skip',
): Reading | undefined {
  try {
    const timed = typeof sample === 'object' && sample !== null && 'values' in sample ? sample : undefined;
    const at = readSample(sample, undefined, names, values, true);
    source.usable();
    return { at, values, offset: timed?.offset, arrivedAt: timed?.arrivedAt };
  } catch (error) {
    if (onInvalid === 'error' || !isInvalidSample(error)) throw orUnreadable('a sample', error);
    source.unusable(error);
    return undefined;
  }
}

/** What a stream counts as an invalid sample, with the offset of this one. */
export function invalidLike(sample: Sample): Sample {
  return typeof sample === 'object' && 'values' in sample ? { ...sample, values: [] } : [];
}

/** How to give a sample of the inputs `names` to a model that takes all or some of them. */
export function selectInputs(model: Model, names: readonly string[]): (reading: Reading) => Reading {
  const places = model.description.inputs.map(({ name }) => names.indexOf(name));
  if (places.length === names.length && places.every((place, i) => place === i)) return (reading) => reading;
  return (reading) => ({ ...reading, values: Float64Array.from(places, (place) => reading.values[place]!) });
}
