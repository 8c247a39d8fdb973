import { misfit } from '../../base/errors.ts';
import { boolean, number, object, oneOf, whole } from '../../base/schema.ts';
import { type CellName, cellNames } from '../../network/cells.ts';
import { futureOf, type SegmentSpec } from '../../network/segment-spec.ts';
import { headLayout, headOf, headSize } from '../heads/heads.ts';
import { checkCycle, checkCycled } from '../inputs/cycle.ts';
import { checkShared, optionalSharedFields, sharedFields } from '../shared-description.ts';
import type { TrainedDescription } from '../trained-model.ts';

/** The network of a segment model. */
export interface SegmentForm {
  readonly cell: CellName;
  /** Values of the hidden state; an even number with `channels`. */
  readonly hidden: number;
  /** Samples of a segment, which divide `lookback`. */
  readonly segment: number;
  /** Whether each target has an embedding of its own: half of what the cell reads for each segment of the horizon. */
  readonly channels: boolean;
  /**
   * What of a window the network does not see: 'last' its last value, which is subtracted; 'instance' its mean and its
   * deviation (reversible instance normalisation).
   */
  readonly normalise: 'last' | 'instance';
  /** The linear forecast that is mixed with the network's; left out for none. */
  readonly linear?: LinearPart;
}

/** A linear forecast from the last values, as distances from the very last one (NLinear; Zeng et al., 2023). */
export interface LinearPart {
  /** How many values it reads, at most as many as the network. */
  readonly lookback: number;
  /** Its share in the mean of a forecast, in (0, 1]; the network has the rest, and the spread. */
  readonly share: number;
}

/** All that is needed to use a segment model correctly, apart from its numbers. Its inputs are its targets. */
export interface SegmentDescription extends TrainedDescription {
  readonly model: 'segment';
  readonly segments: SegmentForm;
}

/** Most outputs of all targets, as of a recurrent model. */
const MAX_OUTPUTS = 65_536;
/** Most values that each stream keeps: 64 MiB. */
const MAX_WINDOW_VALUES = 2 ** 23;
/** Most numbers that a step of the network handles for one segment; keeps every product below within memory. */
const MAX_WIDTH = 8192;

const checkFields = object<Omit<SegmentDescription, 'channels' | 'calendar' | 'scale' | 'lags' | 'paths' | 'network'>>(
  {
    ...sharedFields,
    cycle: checkCycle,
    model: oneOf('segment'),
    segments: object<SegmentForm>(
      {
        cell: oneOf(...cellNames),
        hidden: whole(1, MAX_WIDTH),
        segment: whole(1, MAX_WIDTH),
        channels: boolean,
        normalise: oneOf('last', 'instance'),
        linear: object<LinearPart>({ lookback: whole(1, MAX_WINDOW_VALUES), share: number(0, 1) }),
      },
      ['linear'],
    ),
  },
  [...optionalSharedFields, 'cycle'],
);

/** Whether a description, which nobody has checked, says that it is of a segment model. */
export function saysSegment(description: unknown): boolean {
  return (description as Partial<SegmentDescription> | null)?.model === 'segment';
}

export function isSegment(description: TrainedDescription): description is SegmentDescription {
  return saysSegment(description);
}

/** A frozen copy of `value` if it describes a segment model; otherwise throws `invalid-argument`, naming the field. */
export function parseSegmentDescription(value: unknown): SegmentDescription {
  const description: SegmentDescription = checkFields(value, 'description');
  const { inputs, targets, lookback, loss, segments } = description;
  const wrong = (what: string, field: string, received: unknown) => misfit(what, `description.${field}`, received);
  checkShared(description);
  checkCycled(description);
  const other = inputs.find(({ name }, i) => name !== targets[i])?.name;
  if (other !== undefined) throw wrong('the targets, in order,', 'inputs', other);
  const { hidden, segment, channels, linear } = segments;
  if (headOf(loss).truths !== 'numbers') throw wrong('the loss of a head of numbers', 'loss', loss);
  if (channels && hidden % 2 !== 0) throw wrong('an even number with channels', 'segments.hidden', hidden);
  if (linear && linear.lookback > lookback) {
    throw wrong(`at most the lookback (${lookback})`, 'segments.linear.lookback', linear.lookback);
  }
  if (lookback % segment !== 0) throw wrong(`a multiple of the segment (${segment})`, 'lookback', lookback);
  const most = Math.floor(MAX_WINDOW_VALUES / targets.length);
  if (lookback > most) throw wrong(`at most ${most}`, 'lookback', lookback);
  const outputs = headSize(description);
  if (outputs > MAX_OUTPUTS) throw wrong(`at most ${MAX_OUTPUTS} outputs`, 'horizon', outputs);
  return description;
}

/** The shape of the network. */
export function segmentSpec(description: SegmentDescription): SegmentSpec {
  const { targets, horizon, lookback, segments } = description;
  const { cell, hidden, segment, channels, normalise, linear } = segments;
  return {
    cell,
    segment,
    history: lookback / segment,
    horizon,
    hidden,
    channels: targets.length,
    embedChannels: channels,
    instance: normalise === 'instance',
    outputs: headLayout(description).outputs,
    linear: linear?.lookback ?? 0,
  };
}

/** How many steps of its cell a forecast costs for each target. */
export function cellSteps(description: SegmentDescription): number {
  const spec = segmentSpec(description);
  return spec.history + futureOf(spec);
}
