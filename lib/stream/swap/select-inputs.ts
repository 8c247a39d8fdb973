import { givenInputs } from '../../model/gap.ts';
import type { Model } from '../../model/model.ts';
import { isInvalidSample } from '../../model/model-state.ts';
import { readSample, type Sample, type SampleForm } from '../../model/sample.ts';
import { orUnreadable } from '../../base/values.ts';
import type { SourceCheck } from '../../model/source-check.ts';
import type { OrderedSample } from './recent-samples.ts';

/**
 * Reads a sample into `values`, in the order of the inputs, NaN where missing. Undefined for an invalid sample that is
 * to be skipped. Throws as `StreamState.step` does.
 */
export function readInOrder(
  sample: Sample,
  form: SampleForm,
  values: Float64Array,
  source: SourceCheck,
  onInvalid: 'skip' | 'error' = 'skip',
): OrderedSample | undefined {
  try {
    const timed = typeof sample === 'object' && sample !== null && 'values' in sample ? sample : undefined;
    const at = readSample(sample, undefined, form, values, true);
    source.usable();
    return { at, values, offset: timed?.offset, arrivedAt: timed?.arrivedAt };
  } catch (error) {
    if (onInvalid === 'error' || !isInvalidSample(error)) throw orUnreadable('a sample', error);
    source.unusable(error);
    return undefined;
  }
}

/** A stand-in that a stream counts as an invalid sample, with the offset of this one. */
export function invalidLike(sample: Sample): Sample {
  return typeof sample === 'object' && 'values' in sample ? { ...sample, values: [] } : [];
}

/** Returns how to turn a sample of the inputs `names` into one for a model that takes all or some of them. */
export function selectInputs(model: Model, names: readonly string[]): (reading: OrderedSample) => OrderedSample {
  const places = givenInputs(model.description).map((name) => names.indexOf(name));
  if (places.length === names.length && places.every((place, i) => place === i)) return (reading) => reading;
  return (reading) => ({ ...reading, values: Float64Array.from(places, (place) => reading.values[place]!) });
}
