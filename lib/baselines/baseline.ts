import { createHash } from 'node:crypto';
import { type Duration, milliseconds } from '../base/duration.ts';
import { misfit } from '../base/errors.ts';
import { firstRepeated, list, number, object, text, whole } from '../base/schema.ts';
import {
  checkModel,
  checkNumbers,
  isModel,
  makeStates,
  type Model,
  type ModelDescription,
  readyAfter,
} from '../model/model.ts';
import { ModelState, type StateOptions } from '../model/model-state.ts';
import type { Scaler } from '../model/scaler.ts';
import { BaselineStates } from './baseline-states.ts';
import type { Rule } from './rule.ts';

/** The inputs, targets and steps of a baseline. */
export interface BaselineOptions {
  /** Names of the values of a sample, in order; default the targets, or 'value' without targets. */
  inputs?: readonly string[];
  /** Names of the inputs to forecast; default all of them. */
  targets?: readonly string[];
  /** Steps ahead to forecast, all at once: 1 to 65,536; default 1. */
  horizon?: number;
  /** Time between samples, which stream options about time need; default unknown. */
  interval?: Duration;
}

/** A gap of fewer samples never resets a stream, however few its baseline remembers. */
const LEAST_LOOKBACK = 10;

const checkInterval = number(1e-6, 1e15);
const checkOptions = object<BaselineOptions>(
  {
    inputs: list(text(256), 1, 65_536),
    targets: list(text(256), 1, 4096),
    horizon: whole(1, 65_536),
    interval: (value, name) => checkInterval(milliseconds(value, name), name),
  },
  ['inputs', 'targets', 'horizon', 'interval'],
);

/**
 * A forecast that needs no training, as a model; made by `baselines`. It gives means and no quantiles, and forecasts
 * each target from its own values alone.
 */
export class Baseline implements Model {
  /** Its name with its parameters: 'seasonal(24)'. */
  readonly name: string;
  readonly description: ModelDescription;
  /** The scaler of the model that it was made for; undefined if it was made from options. */
  readonly scaler: Scaler | undefined;
  /** The rule of each target. */
  readonly #rules: readonly Rule[];
  #fingerprint: string | undefined;

  /**
   * `rules`: one for all targets, or one for each. `task`: what to forecast, or a model whose inputs, targets and
   * horizon it takes. `beside`: a model before which its streams are not ready. Throws `invalid-argument`.
   */
  constructor(rules: Rule | readonly Rule[], task: BaselineOptions | Model = {}, beside?: Model) {
    if (isModel(task)) checkNumbers(task, 'the task of a baseline');
    const asked = isModel(task) ? sameTask(task.description) : describeTask(checkOptions(task, 'options'));
    this.#rules = 'length' in rules ? rules : asked.targets.map(() => rules);
    this.name = commonName(this.#rules);
    this.scaler = isModel(task) ? task.scaler : undefined;
    const first = beside ? readyAfter(beside.description) : 1;
    const warmup = Math.max(first, ...this.#rules.map((rule) => rule.warmup));
    const lookback = Math.max(warmup, LEAST_LOOKBACK, beside?.description.lookback ?? 1);
    this.description = Object.freeze({ ...asked, warmup, lookback, levels: Object.freeze([]) });
  }

  get fingerprint(): string {
    const { inputs, ...others } = this.description;
    const form = { baseline: this.name, inputs: inputs.map(({ name }) => name), ...others };
    this.#fingerprint ??= this.#hash(JSON.stringify(form));
    return this.#fingerprint;
  }

  /** The same baseline for the task of a model, ready when the model is, so that both have the same windows. */
  beside(model: Model): Baseline {
    checkModel(model);
    return new Baseline(this.#rules, model, model);
  }

  createState(options?: StateOptions): ModelState<BaselineStates> {
    return new ModelState(() => this[makeStates](1), options);
  }

  [makeStates](capacity: number, spare = 0): BaselineStates {
    return new BaselineStates(this.description, this.#rules, capacity, spare);
  }

  #hash(form: string): string {
    const hash = createHash('sha256').update(form);
    for (const { weights } of this.#rules) {
      if (weights) hash.update(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength));
    }
    return hash.digest('hex');
  }
}

/** The name of all rules; without their parameters if these differ. */
function commonName(rules: readonly Rule[]): string {
  const names = new Set(rules.map(({ name }) => name));
  return names.size === 1 ? [...names][0]! : rules[0]!.name.replace(/\(.*/, '');
}

type Task = Pick<ModelDescription, 'inputs' | 'targets' | 'interval' | 'horizon' | 'bounds' | 'gap'>;

function sameTask({ inputs, targets, interval, horizon, bounds, gap }: ModelDescription): Task {
  return { inputs, targets, interval, horizon, ...(bounds && { bounds }), ...(gap !== undefined && { gap }) };
}

function describeTask({ targets, inputs = targets ?? ['value'], horizon = 1, interval }: BaselineOptions): Task {
  const forecast = targets ?? inputs;
  const repeated = firstRepeated(inputs) ?? firstRepeated(forecast);
  if (repeated !== undefined) throw misfit('different names', 'options.inputs and options.targets', repeated);
  const stranger = forecast.find((name) => !inputs.includes(name));
  if (stranger !== undefined) throw misfit('names of inputs', 'options.targets', stranger);
  return {
    inputs: Object.freeze(inputs.map((name) => Object.freeze({ name }))),
    targets: forecast,
    interval: interval === undefined ? null : milliseconds(interval, 'options.interval'),
    horizon,
  };
}
