import { misfit } from '../base/errors.ts';
import { type Check, list, object, text } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import type { Role } from '../data/table.ts';
import { knownAhead, tableInputs } from '../model/ahead.ts';
import { Forecaster } from '../model/forecaster.ts';
import { isOfLayer, type NetworkSpec, parameterShapes } from '../network/network-spec.ts';
import { fields, type ResolvedOptions, resolveOptions, type TrainOptions } from './options.ts';
import { stepOf } from './models/deepar.ts';
import type { Plan } from './plan.ts';

/** The options of a training that goes on from a model, in which they mean the same as for a new one. */
const OWN = [
  ...(['epochs', 'patience', 'learningRate', 'schedule', 'rampUp', 'batchSize', 'weightDecay', 'dropout'] as const),
  ...(['clipNorm', 'levelShift', 'stateful', 'refit', 'seed', 'split', 'checkpoint', 'checkpointEvery'] as const),
] satisfies (keyof TrainOptions)[];

/**
 * How to go on learning from a trained model, for example on the data of one site. Everything else is the model's:
 * inputs and targets, horizon, scaler, words, network.
 */
export interface FineTuneOptions extends Pick<TrainOptions, (typeof OWN)[number]> {
  /** The model to begin with, which stays as it is. */
  from: Forecaster;
  /**
   * Parts of the network that keep their weights, bit for bit: 'layer0' for the layer that reads the inputs, 'layer1'
   * and so on, 'recurrent' for all layers, 'head' for the head and its attention. Default none, never all.
   */
  freeze?: string | readonly string[];
}

type Given = Omit<FineTuneOptions, 'freeze'> & { freeze?: readonly string[] };

const checkFrom: Check<Forecaster> = (value, name) => {
  if (value instanceof Forecaster) return value;
  throw misfit('a Forecaster', name, value);
};

const checkParts: Check<readonly string[]> = (value, name) =>
  list(text(64), 0, 64)(typeof value === 'string' ? [value] : value, name);

const own = Object.fromEntries(OWN.map((name) => [name, fields[name]])) as Pick<typeof fields, (typeof OWN)[number]>;
const check = object<Given>({ ...own, from: checkFrom, freeze: checkParts }, ['freeze', ...OWN]);

/** Whether the options are those of a training that goes on from a model. */
export function isFineTuning(options: unknown): options is FineTuneOptions {
  return isRecord(options) && reading('options', () => (options as Partial<FineTuneOptions>).from) !== undefined;
}

/**
 * The options for `planTraining`, as the model says, and the roles of the columns. Throws `invalid-argument` for
 * options that the model decides, for unknown parts, and if nothing is left to learn.
 */
export function resolveFineTuning(options: FineTuneOptions): {
  options: ResolvedOptions;
  roles: Record<string, Role>;
} {
  const { from, freeze = [], ...given } = check(options, 'options');
  const { description } = from;
  const { targets, network, calendar, cycle, gap, levels, bounds, classes, present } = description;
  const { channels, lags = 'none', memory, anchor, loss, lookback, interval, paths } = description;
  const columns = tableInputs(description);
  const ahead = knownAhead(description);
  const limits = (side: 'min' | 'max', none: number) =>
    Object.fromEntries(targets.map((target, i) => [target, bounds?.[i]?.[side] ?? none]));
  const resolved = resolveOptions({
    ...given,
    targets,
    inputs: columns,
    horizon: present ? 0 : description.horizon,
    cell: network.cell,
    hidden: network.hiddenSize,
    layers: network.numLayers,
    projSize: network.projSize,
    attention: network.attention ?? 0,
    ...(network.layerNorm && { layerNorm: true }),
    ...(network.residual && { residual: true }),
    ...(paths
      ? { model: 'deepar', paths: paths.count }
      : { memory, bidirectional: network.bidirectional, channels: channels ?? 'joint' }),
    lags,
    anchor,
    loss,
    lookback,
    interval,
    ...(levels.length > 0 && { levels }),
    ...(gap !== undefined && { gap }),
    ...(!classes && { min: limits('min', -Infinity), max: limits('max', Infinity) }),
    calendar: calendar?.parts ?? 'none',
    ...(calendar && { zone: calendar.zone }),
    ...(cycle && { cycle: cycle.period, zone: cycle.zone }),
    scale: 'global', // that of the model takes its place in the plan
  });
  // A model of the present does not read its target.
  const roles = [...new Set([...columns, ...targets])].map((name): [string, Role] => {
    if (targets.includes(name)) return [name, 'target'];
    return [name, ahead.includes(name) ? 'future' : paths ? 'static' : 'past'];
  });
  return { options: { ...resolved, from, frozen: frozenWeights(network, freeze) }, roles: Object.fromEntries(roles) };
}

/** A plan with what the model has learned already. Throws `invalid-data` if the table lacks something for it. */
export function planFrom(plan: Plan, from: Forecaster): Plan {
  const { training, gap } = plan.description;
  const { description, scaler, course } = from.description.paths ? stepOf(from) : from;
  return {
    ...plan,
    inputs: description.inputs.map(({ name }) => name),
    bounds: description.bounds && [...description.bounds],
    scale: description.scale,
    scaler,
    course,
    description: { ...description, ...(gap && { gap }), training: { ...training, from: from.fingerprint } },
  };
}

/** The names of the weights in these parts of a network. */
function frozenWeights(network: NetworkSpec, parts: readonly string[]): string[] {
  const names = [...parameterShapes(network).keys()];
  const layers = Array.from({ length: network.numLayers }, (_, layer) => `layer${layer}`);
  const inHead = (name: string) => /^(head|attention)\./.test(name);
  const known: Record<string, (name: string) => boolean> = {
    recurrent: (name) => !inHead(name),
    head: inHead,
    ...Object.fromEntries(layers.map((part, layer) => [part, (name: string) => isOfLayer(name, layer)])),
  };
  const unknown = parts.find((part) => !Object.hasOwn(known, part));
  if (unknown !== undefined) throw misfit(Object.keys(known).join(', '), 'options.freeze', unknown);
  const frozen = names.filter((name) => parts.some((part) => known[part]!(name)));
  if (frozen.length === names.length) throw misfit('a part that is left to learn', 'options.freeze', parts.join(', '));
  return frozen;
}
