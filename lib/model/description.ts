import { misfit } from '../base/errors.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { checkAhead } from './ahead.ts';
import { streamsOf } from './channels.ts';
import { headOf, headSize } from './heads/heads.ts';
import { checkCalendar, MAX_WORDS, networkInputs } from './inputs/inputs.ts';
import { checkCycle, checkCycled } from './inputs/cycle.ts';
import { checkLags } from './inputs/lags.ts';
import { checkScale } from './inputs/running-scale.ts';
import { networkDescription } from './network-description.ts';
import { checkPaths, MOST_PATH_NUMBERS } from './paths.ts';
import { firstRepeated, oneOf, object } from '../base/schema.ts';
import { checkShared, optionalSharedFields, sharedFields } from './shared-description.ts';
import type { TrainedDescription } from './trained-model.ts';

/** All that is needed to use a forecaster correctly, apart from its numbers. */
export interface Description extends TrainedDescription {
  /**
   * 'carried': the state is kept from sample to sample. 'window': it is recomputed from the last `lookback` samples at
   * each step.
   */
  readonly memory: 'carried' | 'window';
  /** 'last': the network gives the change from the target's last value. 'none': it gives the value itself. */
  readonly anchor: 'last' | 'none';
  readonly network: Readonly<NetworkSpec>;
}

/** Most values in the window that each stream of a forecaster with memory 'window' keeps: 64 MiB. */
const MAX_WINDOW_VALUES = 2 ** 24;

/** Most outputs of all targets. */
const MAX_OUTPUTS = 65_536;

const checkFields = object<Description>(
  {
    ...sharedFields,
    channels: oneOf('independent', 'embedded'),
    calendar: checkCalendar,
    cycle: checkCycle,
    memory: oneOf('carried', 'window'),
    anchor: oneOf('last', 'none'),
    scale: checkScale,
    lags: checkLags,
    paths: checkPaths,
    network: networkDescription,
  },
  [...optionalSharedFields, 'channels', 'calendar', 'cycle', 'scale', 'lags', 'paths'],
);

/**
 * A frozen copy of `value` if it describes a forecaster; otherwise throws `invalid-argument`, naming the field. Every
 * count has a bound, so that no description can cause a large allocation.
 */
export function parseDescription(value: unknown): Description {
  const description = checkFields(value, 'description');
  const { lookback, network, paths } = description;
  const wrong = (what: string, field: string, received: unknown) => {
    return misfit(what, `description.${field}`, received);
  };
  checkShared(description);
  checkTruths(description);
  const streams = streamsOf(description);
  const width = networkInputs(description);
  if (description.memory === 'window' && lookback * streams * width > MAX_WINDOW_VALUES) {
    throw wrong(`at most ${Math.floor(MAX_WINDOW_VALUES / (streams * width))}`, 'lookback', lookback);
  }
  checkAhead(description);
  checkChannels(description);
  checkScaled(description);
  checkReadOut(description);
  checkCycled(description);
  checkDrawn(description);
  checkLagged(description);
  if (network.inputSize !== width) throw wrong(`${width}`, 'network.inputSize', network.inputSize);
  const outputs = headSize(paths ? { ...description, horizon: 1 } : description) / streams;
  if (network.headSize !== outputs) throw wrong(`${outputs}`, 'network.headSize', network.headSize);
  return description;
}

/** Counts and classes are no changes from the last value, and have no cycle. */
function checkTruths({ loss, anchor, cycle }: Description): void {
  if (headOf(loss).truths === 'numbers') return;
  const of = `with the loss '${loss}'`;
  if (anchor !== 'none') throw misfit(`'none' ${of}`, 'description.anchor', anchor);
  if (cycle !== undefined) throw misfit(`none ${of}`, 'description.cycle', cycle);
}

/** All targets that are numbers have a scale of their own, or no input has. */
function checkScaled({ inputs, targets, classes, scale }: Description): void {
  if (scale === undefined) return;
  const numbers = new Set(inputs.flatMap(({ name, words }) => (words === undefined ? [name] : [])));
  const wrong = scale.inputs.find((name) => !numbers.has(name)) ?? firstRepeated(scale.inputs);
  if (wrong !== undefined) throw misfit('different names of inputs of numbers', 'description.scale.inputs', wrong);
  const scaled = new Set(scale.inputs);
  const target = targets.find((name) => !classes && !scaled.has(name));
  if (target !== undefined) throw misfit('all targets', 'description.scale.inputs', `none for ${target}`);
}

/** What the head may read: a carried state has no end to read from, and no stream remembers more than was learned. */
function checkReadOut({ memory, lookback, network: { bidirectional, attention = 0 } }: Description): void {
  if (bidirectional && memory === 'carried') {
    const what = "false with the memory 'carried', for a stream has no end";
    throw misfit(what, 'description.network.bidirectional', bidirectional);
  }
  if (attention <= lookback) return;
  throw misfit(`at most ${lookback}, the lookback,`, 'description.network.attention', attention);
}

/** Paths are drawn from the distribution of one step, and take the state with them from step to step. */
function checkDrawn({ paths, loss, memory, horizon, targets, interval, calendar }: Description): void {
  if (paths === undefined) return;
  if (headOf(loss).gives !== 'distribution') throw misfit('a loss that gives a distribution', 'description.loss', loss);
  if (memory !== 'carried') throw misfit("'carried' with paths", 'description.memory', memory);
  if (calendar && interval === null) throw misfit('the time between samples', 'description.interval', interval);
  const most = Math.floor(MOST_PATH_NUMBERS / (targets.length * horizon));
  if (paths.count > most) throw misfit(`at most ${most}`, 'description.paths.count', paths.count);
}

/** Earlier values are numbers of targets that are read, and a carried state remembers them. */
function checkLagged({ lags, classes, memory }: Description): void {
  if (lags === undefined) return;
  if (classes) throw misfit('none of a category', 'description.lags', lags);
  if (memory !== 'carried') throw misfit("'carried' with lags", 'description.memory', memory);
  if (new Set(lags).size < lags.length) throw misfit('different lags', 'description.lags', lags.join(', '));
}

/** Where each target is a stream of its own, there is no input that belongs to all. */
function checkChannels({ channels, inputs, targets, horizon, loss, levels, paths }: Description): void {
  if (channels === undefined) return;
  const wrong = (what: string, field: string, received: unknown) => {
    return misfit(`${what} with channels '${channels}'`, `description.${field}`, received);
  };
  const other = inputs.find(({ name }) => !targets.includes(name))?.name;
  if (other !== undefined) throw wrong('only the targets', 'inputs', other);
  if (headOf(loss).truths === 'classes') throw wrong('the loss of a head of numbers', 'loss', loss);
  if (channels === 'embedded' && targets.length > MAX_WORDS) {
    throw wrong(`at most ${MAX_WORDS}`, 'targets', targets.length);
  }
  if (paths !== undefined) throw wrong('none', 'paths', paths.count);
  const outputs = headSize({ targets, horizon, loss, levels });
  if (outputs > MAX_OUTPUTS) throw wrong(`at most ${MAX_OUTPUTS} outputs`, 'horizon', outputs);
}
