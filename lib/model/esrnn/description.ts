import { misfit } from '../../base/errors.ts';
import { boolean, list, number, object, oneOf, whole } from '../../base/schema.ts';
import { type CellName, cellNames } from '../../network/cells.ts';
import { checkNetworkSpec, type NetworkSpec } from '../../network/network-spec.ts';
import { headOf, headSize } from '../heads/heads.ts';
import { readyAfter } from '../model.ts';
import { checkShared, optionalSharedFields, sharedFields } from '../shared-description.ts';
import type { TrainedDescription } from '../trained-model.ts';
import { Smoothing, type SmoothingForm } from './smoothing.ts';

/** The network of an esrnn model, which has as many inputs and outputs as the rest of its description asks for. */
export interface EsrnnNetwork {
  readonly cell: CellName;
  /** Values of the hidden state of each layer. */
  readonly hidden: number;
  readonly layers: number;
}

/** All that is needed to use an esrnn model correctly, apart from its numbers. Its inputs are its targets. */
export interface EsrnnDescription extends TrainedDescription {
  readonly model: 'esrnn';
  readonly smoothing: SmoothingForm;
  readonly recurrent: EsrnnNetwork;
}

/** Most samples of a season, and most values that the network reads of a target. */
export const MAX_PERIOD = 100_000;
export const MAX_WINDOW = 1_000_000;
/** Most outputs of all targets, as of a recurrent model. */
const MAX_OUTPUTS = 65_536;
/** Most numbers that a stream keeps of its smoothing: 64 MiB. */
const MAX_SIZE = 2 ** 23;

const share = number(0, 1);

const checkFields = object<
  Omit<EsrnnDescription, 'calendar' | 'cycle' | 'scale' | 'lags' | 'paths' | 'channels' | 'network'>
>(
  {
    ...sharedFields,
    model: oneOf('esrnn'),
    smoothing: object<SmoothingForm>({
      periods: list(whole(2, MAX_PERIOD), 0, 2),
      level: share,
      season: share,
      log: boolean,
      window: whole(1, MAX_WINDOW),
      block: whole(1, MAX_WINDOW),
    }),
    recurrent: object<EsrnnNetwork>({
      cell: oneOf(...cellNames),
      hidden: whole(1, 65_536),
      layers: whole(1, 64),
    }),
  },
  [...optionalSharedFields],
);

/** Whether a description, which nobody has checked, says that it is of an esrnn model. */
export function saysEsrnn(description: unknown): boolean {
  return (description as Partial<EsrnnDescription> | null)?.model === 'esrnn';
}

export function isEsrnn(description: TrainedDescription): description is EsrnnDescription {
  return saysEsrnn(description);
}

/** A frozen copy of `value` if it describes an esrnn model; otherwise throws `invalid-argument`, naming the field. */
export function parseEsrnnDescription(value: unknown): EsrnnDescription {
  const description: EsrnnDescription = checkFields(value, 'description');
  const { inputs, targets, horizon, loss, smoothing } = description;
  const wrong = (what: string, field: string, received: unknown) => misfit(what, `description.${field}`, received);
  checkShared(description);
  const other = inputs.find(({ name }, i) => name !== targets[i])?.name;
  if (other !== undefined) throw wrong('the targets, in order,', 'inputs', other);
  const { gives, truths } = headOf(loss);
  if (truths !== 'numbers' || gives === 'distribution') throw wrong('the loss of points or quantiles', 'loss', loss);
  const { periods } = smoothing;
  if (periods.length === 2 && periods[0]! >= periods[1]!) {
    throw wrong('ascending numbers', 'smoothing.periods', periods.join(', '));
  }
  if (smoothing.window % smoothing.block !== 0) {
    throw wrong(`a multiple of the block (${smoothing.block})`, 'smoothing.window', smoothing.window);
  }
  const { start, size } = new Smoothing(smoothing, horizon);
  if (readyAfter(description) < start) throw wrong(`at least ${start}`, 'warmup', readyAfter(description));
  if (targets.length * size > MAX_SIZE) throw wrong(`at most ${MAX_SIZE} numbers`, 'smoothing', targets.length * size);
  const outputs = headSize(description);
  if (outputs > MAX_OUTPUTS) throw wrong(`at most ${MAX_OUTPUTS} outputs`, 'horizon', outputs);
  checkNetworkSpec(esrnnSpec(description));
  return description;
}

/** The shape of the network. */
export function esrnnSpec(description: EsrnnDescription): NetworkSpec {
  const { targets, horizon, smoothing, recurrent } = description;
  const { cell, hidden, layers } = recurrent;
  return {
    cell,
    inputSize: targets.length * new Smoothing(smoothing, horizon).width,
    hiddenSize: hidden,
    projSize: 0,
    numLayers: layers,
    bias: true,
    bidirectional: false,
    headSize: headSize(description),
  };
}
