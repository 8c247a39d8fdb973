import { type Duration, milliseconds } from '../base/duration.ts';
import { misfit } from '../base/errors.ts';
import { boolean, type Check, list, number, oneOf, orNull, object, recordOf, text, whole } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import { ROLES, type Role, type Table } from '../data/table.ts';
import { type Channels, channelNames } from '../model/channels.ts';
import { checkGap, type Gap } from '../model/gap.ts';
import { MAX_PERIOD } from '../model/esrnn/description.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { MOST_PATH_NUMBERS, MOST_PATHS } from '../model/paths.ts';
import { headLayout, headOf, type Loss, losses } from '../model/heads/heads.ts';
import { type CalendarPart, calendarPartNames } from '../model/inputs/calendar.ts';
import { checkLags } from '../model/inputs/lags.ts';
import { Zone } from '../base/zone.ts';
import { type CellName, cellNames, cells } from '../network/cells.ts';
import { checkChannels } from './channels.ts';
import { defaults, defaultsOfModel, MOST_THREADS, PATHS } from './defaults.ts';
import { checkOfModel, type ModelName, modelNames } from './models/names.ts';
import { checkTruths, defaultsOfTruths } from './truths-options.ts';
import { type ScheduleName, schedules } from './schedule.ts';

/**
 * What to learn and how. Only `horizon` is required, and `targets` for data without roles. Rows without times are
 * samples in time order.
 */
export interface TrainOptions {
  /**
   * Columns to forecast, 1 to 4096; default those with the role 'target'. A column of words is a category: it is the
   * only target, and the forecaster gives the probability of each of its words.
   */
  targets?: string | readonly string[];
  /**
   * Steps ahead to forecast, all at once: 1 to 65,536 samples. 0 for a category of which the class of the newest sample
   * is asked: the network then does not read the target.
   */
  horizon: number;
  /**
   * Columns that the network reads besides the targets, which it always reads; default those with another role, and
   * with horizon 0 all others. 'all' for every column. Those with the role 'future' are read ahead. The model's inputs
   * are in the order of this list, and then come the targets; with 'all', the targets come first and then the others by
   * name.
   */
  inputs?: 'all' | readonly string[];
  /**
   * The role of each column by name, in place of `targets`, `inputs` and the roles of the data: 'target', 'past' for
   * one that is known up to now, 'future' for one known ahead, of which the network also reads the next `horizon` rows,
   * and 'static' for one that never changes within a series. Other columns are not read. The model's inputs are in the
   * order of these names, those of the data's roles in the order of the alphabet, and then come the targets.
   */
  roles?: Readonly<Record<string, Role>>;
  /**
   * Least value of the targets in their own units, one number for all or numbers by name: no forecast is below it. The
   * default is 0 for a target with the unit '%' whose values all lie between 0 and 100, else no bound. -Infinity for no
   * bound.
   */
  min?: number | Readonly<Record<string, number>>;
  /**
   * Greatest value of the targets, in the same form; default 100 where `min` is 0 by default. Infinity for no bound.
   */
  max?: number | Readonly<Record<string, number>>;
  /**
   * The kind of model. 'recurrent' keeps its state from sample to sample and forecasts all steps at once. 'deepar'
   * keeps it too, learns the distribution of one step, and draws `paths` of further steps from it; it has a loss that
   * gives a distribution, 'student-t' by default, and no inputs but targets and columns with the role 'future' or
   * 'static'. `SegmentOptions` are those of the model 'segment'.
   *
   * The default is 'segment' 48 steps ahead or more if the options say nothing of the network and how it learns, there
   * are no other inputs, the targets do not help to forecast one another, all series have one scale, and a series has
   * 7200 training rows and ten horizons of them; else 'recurrent'. The notes of a training say so.
   */
  model?: 'recurrent' | 'deepar';
  /**
   * How the network sees several targets. 'joint': it reads all of them, and the other inputs, and forecasts them
   * together. 'independent': each target is a stream of its own, forecast from its own past alone by the same weights;
   * there are no other inputs. 'embedded': so too, with an embedding for each target, so that the weights can tell them
   * apart. Default 'independent' 24 steps ahead or more if there are several targets and no other inputs, and the
   * targets do not help to forecast one another; else 'joint', as always with the model 'deepar'.
   */
  channels?: Channels;
  /** Paths of a forecast, with the model 'deepar': 2 to 10,000; default 100. */
  paths?: number;
  /**
   * Which earlier values of the targets the network reads beside the newest ones: those so many steps before the value
   * that it forecasts next, from 2 to 8784. 'auto' (the default) takes all of the last day, if each target is a stream
   * of its own and follows the time of day; with the model 'deepar' the last seven and those a rhythm ago, if the
   * targets have one; else none, as 'none' does.
   */
  lags?: 'auto' | 'none' | readonly number[];
  /** The recurrent cell; default 'gru'. */
  cell?: CellName;
  /** Units of each layer, 1 to 65,536; default 32. */
  hidden?: number;
  /** Recurrent layers, 1 to 64; default 1. */
  layers?: number;
  /** Size to which an LSTM's output is projected, below `hidden`; 0 (the default) for no projection. */
  projSize?: number;
  /**
   * Whether further layers read the window backwards, from the newest sample to the oldest; default false. Only with
   * memory 'window', because a carried state has no end to begin at.
   */
  bidirectional?: boolean;
  /**
   * How many of the last outputs of the network the head also reads, by attention: 1 to `lookback`; 0 (the default) for
   * none.
   */
  attention?: number;
  /**
   * Whether the output of each layer is normalised before the next layer and the head read it, with a learned gain and
   * bias for each unit; default false.
   */
  layerNorm?: boolean;
  /** Whether each layer but the first adds its input to its output; default false. True only with 2 layers or more. */
  residual?: boolean;
  /**
   * Samples of history before each forecast in training, 1 to 1,000,000; with memory 'window' the length of the window.
   * Default 96, fewer if the table is short.
   */
  lookback?: number;
  /**
   * 'carried' (the default) keeps the state from sample to sample; 'window' recomputes it from the last `lookback`
   * samples.
   */
  memory?: 'carried' | 'window';
  /**
   * Whether training windows go on from the states in which those before them ended, as a live stream does; gradients
   * still end at the first row of a window. Default false: each window begins from the zero state. True only with
   * memory 'carried' and without `attention`.
   */
  stateful?: boolean;
  /**
   * 'last' (the default) learns the change from the target's last value, 'none' the value itself, as it always is for
   * counts and categories.
   */
  anchor?: 'last' | 'none';
  /** The loss to minimise, which decides what is forecast; default 'quantile', of a category 'classes'. */
  loss?: Loss;
  /**
   * Levels of the quantiles that the forecaster gives: ascending, inside (0, 1), around 0.5. Default seven levels from
   * 0.05 to 0.95. A forecaster of a category has none.
   */
  levels?: readonly number[];
  /**
   * Most passes. Default as many as 2000 steps of the optimiser need, from 40 to 200: a short table is gone through
   * more often.
   */
  epochs?: number;
  /**
   * Passes without a lower validation loss after which learning ends; default half of `epochs`, at least 10. The
   * median of the last three losses counts, so that one pass that is good or bad by chance decides nothing.
   */
  patience?: number;
  /** Learning rate of AdamW, up to 1; default 0.01. */
  learningRate?: number;
  /**
   * How the learning rate changes over the steps of the optimiser: 'cosine' (the default) falls along a half cosine
   * until the last pass, 'plateau' falls to 0.3 times itself whenever a third of `patience` has brought nothing, and
   * 'constant' stays.
   */
  schedule?: ScheduleName;
  /**
   * Steps of the optimiser over which the learning rate rises at first; below 1 a share of all steps. Default 0.05.
   */
  rampUp?: number;
  /** Windows per step of the optimiser, 1 to 65,536; default 8, fewer for a short table. */
  batchSize?: number;
  /** Decoupled weight decay of AdamW, 0 to 1; default 0.01. It does not pull at biases. */
  weightDecay?: number;
  /** Share of units dropped between layers in training, 0 (the default) to 0.99; above 0 only with 2 layers or more. */
  dropout?: number;
  /** Largest global norm of the gradient, which is clipped to it; 0 for no limit. Default 1. */
  clipNorm?: number;
  /**
   * How many deviations copies of the training rows are moved up and down, so that the network knows their rhythm at
   * other levels too; 0 for no copies. Default 3 with one input and the anchor 'last', unless it has a calendar and its
   * level stays where it is; else 0: the level of one input may matter to another.
   * None with scale 'series'.
   */
  levelShift?: number;
  /**
   * 'global': one scale for the values of all series. 'series': each series, and each live stream, has the scale of its
   * own samples so far, so that a model serves series of any level and spread. Default 'series' for several series if
   * the levels or the spreads of a target differ much between them, and for one series, more than one step ahead, if
   * the level of a target moves much; else 'global'.
   */
  scale?: 'global' | 'series';
  /**
   * Whether, once validation has chosen the pass, learning is done again from all rows, with as many passes; default
   * false. The model then also knows the newest rows, for about twice the time. What the validation rows say of its
   * intervals is said of the first weights, which have not learned from these rows. Not with the schedule 'plateau'.
   */
  refit?: boolean;
  /** A whole number from 0; default 1. The same seed gives the same weights, bit for bit, on the same build. */
  seed?: number;
  /**
   * Threads that learn, which share the windows of a batch: 1 to 64; default as many as the machine has cores. Their
   * number changes the time, never a bit of the weights.
   */
  threads?: number;
  /**
   * Rows of each series to learn from, in time order, and the rows after them to validate on; default 80 % and 20 %, or
   * all of a series to learn from that is too short to validate on beside others.
   */
  split?: { train: number; validation: number };
  /**
   * How missing values are filled for the network, as `gap` of a stream: one policy for all inputs, or policies by
   * name. Default 'hold' if any is missing or a column is known ahead. Streams and tables of the forecaster are then
   * filled alike. 'mask' and 'elapsed' give it further inputs, which tell what is missing; as one policy for all, only
   * of inputs that are missing at times. 'impute' is in training as 'hold', because there is no forecast yet.
   */
  gap?: Gap;
  /**
   * Inputs made from the times of rows: rhythms such as 'hour' and 'weekday', or 'none'. A sample of such a model needs
   * its time. 'auto' (the default) takes the time of day, the weekday and the day of the year, each if all rows have a
   * time and the targets follow it in at least two periods of the training rows.
   */
  calendar?: 'auto' | 'none' | readonly CalendarPart[];
  /**
   * A rhythm whose course is found in the training rows, taken out before learning and added to each forecast: 'auto'
   * takes the week or the day if the targets follow it; 'none' (the default); or how long it takes, such as '1d'.
   */
  cycle?: Duration;
  /** The time zone of the calendar and the cycle, such as 'Europe/Berlin'; default 'UTC'. */
  zone?: string;
  /**
   * Time between samples [ms]; default the usual step of the times of all series, which must be about even. Null if
   * samples have no fixed times: rows are then taken as they come.
   */
  interval?: number | null;
  /**
   * A file in which learning keeps where it is. If it is there, learning goes on from it, with the same bits as if it
   * had never stopped; it must be of the same data and options. It is also written when learning is unsubscribed from,
   * and stays when learning has ended.
   */
  checkpoint?: string;
  /** Least time between two writings of the checkpoint; default '10s'. */
  checkpointEvery?: Duration;
}

/** The options that neither a segment model nor an esrnn model has. */
type RecurrentOnly =
  | 'paths'
  | 'lags'
  | 'layers'
  | 'layerNorm'
  | 'residual'
  | 'projSize'
  | 'bidirectional'
  | 'attention'
  | 'memory'
  | 'stateful'
  | 'anchor'
  | 'levelShift'
  | 'scale'
  | 'calendar';

/**
 * What a model learns that reads a window in segments, each target alone, and runs it again for each forecast (SegRNN;
 * Lin et al., arXiv 2308.11200): for long horizons. It has no inputs but its targets. Other defaults than those of
 * `TrainOptions`: `lookback` 720, fewer if the table is short; `hidden` 64, `dropout` 0.1 of what the head reads,
 * `epochs` up to 80 of up to 2048 windows, more for more rows and targets and fewer beyond 96 steps ahead, `patience`
 * as many, `learningRate` 0.002, `batchSize` 64, `weightDecay` 0.
 */
export interface SegmentOptions extends Omit<TrainOptions, 'model' | RecurrentOnly> {
  model: 'segment';
  /** Samples of a segment, which divide `lookback`. Default 48, or fewer if `horizon` or `lookback` asks for it. */
  segment?: number;
  /** Whether each target has an embedding of its own: 'embedded' (the default) or 'independent'. */
  channels?: Exclude<Channels, 'joint'>;
  /**
   * What is taken off each window before the network reads it. 'last' (the default): its last value. 'instance': its
   * mean, and its deviation is made 1 (RevIN).
   */
  normalise?: 'last' | 'instance';
  /**
   * Whether the forecast is mixed with a linear one from the same window (NLinear, fitted in closed form; Zeng et al.
   * 2023), in shares that the validation rows decide. Default true.
   */
  linear?: boolean;
}

/**
 * What a model learns that smooths each series exponentially, with seasons, and forecasts what is left with one
 * recurrent network for all series (ES-RNN; Smyl 2020): for many series with the same seasons. It has no inputs but its
 * targets. Each stream finds its level and its seasons in its first samples. Other defaults than those of
 * `TrainOptions`: `lookback`, the values that the network reads at each step, the longer season or seven of a single
 * one; `cell` 'lstm', `hidden` 128, `epochs` 40, each of a quarter of the training rows, `patience` as many,
 * `learningRate` 0.004, `batchSize` 32, `weightDecay` 0. `loss` is 'quantile', 'mae' or 'mse'.
 */
export interface EsrnnOptions extends Omit<TrainOptions, 'model' | 'zone' | Exclude<RecurrentOnly, 'layers'>> {
  model: 'esrnn';
  /**
   * Samples of each season, ascending: at most two, such as [24, 168] for hours; [] for none. 'auto' (the default)
   * takes those of the rows to learn from that smooth best.
   */
  periods?: 'auto' | readonly number[];
  /**
   * In place of `periods`, the season as a time, for rows with times: '1d', which is [24] for hours. That of a week has
   * days too: '7d' is [24, 168]. 'auto' and 'none' (the default) leave it to `periods`.
   */
  cycle?: Duration;
  /** Networks that learn from other weights at first and whose mean is the forecast, 1 to 16. Default 3. */
  members?: number;
}

export type Given = Omit<TrainOptions, 'targets' | 'inputs' | 'model'> &
  Omit<SegmentOptions, keyof TrainOptions> &
  Omit<EsrnnOptions, keyof TrainOptions> & {
    targets: readonly string[];
    inputs?: 'all' | readonly string[];
    model?: ModelName;
  };

/** The options with every default filled in, except the defaults that depend on the table. */
export type ResolvedOptions = Readonly<typeof defaults & Omit<Given, 'checkpointEvery'>> & {
  /** The model whose weights learning starts from, as `fineTune` reads it; undefined for a new one. */
  readonly from?: Forecaster | undefined;
  /** Names of the weights that keep their bits. */
  readonly frozen?: readonly string[] | undefined;
};

/** Most outputs of the head, as in a description. */
const MAX_OUTPUTS = 65_536;

export const names: Check<readonly string[]> = (value, name) => {
  const found = list(text(256), 1, 4096)(typeof value === 'string' ? [value] : value, name);
  if (new Set(found).size === found.length) return found;
  throw misfit('different names', name, found.join(', '));
};

const inputs: Check<'all' | readonly string[]> = (value, name) => (value === 'all' ? value : names(value, name));

const parts = list(oneOf(...calendarPartNames), 1, calendarPartNames.length);

const calendar: Check<'auto' | 'none' | readonly CalendarPart[]> = (value, name) => {
  if (value === 'auto' || value === 'none') return value;
  const found = parts(typeof value === 'string' ? [value] : value, name);
  if (new Set(found).size === found.length) return found;
  throw misfit('different rhythms', name, found.join(', '));
};

const lengths = list(whole(2, MAX_PERIOD), 0, 2);

const seasons: Check<'auto' | readonly number[]> = (value, name) => {
  if (value === 'auto') return value;
  const found = lengths(value, name);
  if (found.length < 2 || found[0]! < found[1]!) return found;
  throw misfit('ascending numbers', name, found.join(', '));
};

/** `targetBounds` checks the values, because it knows the targets. */
const limit: Check<number | Readonly<Record<string, number>>> = (value, name) => {
  if (typeof value === 'number') return value;
  if (isRecord(value)) return reading(name, () => Object.freeze({ ...value }) as Readonly<Record<string, number>>);
  throw misfit('a number, or numbers by target,', name, value);
};

const levels: Check<readonly number[]> = (value, name) => {
  const found = list(number(1e-6, 1 - 1e-6), 1, 199)(value, name);
  const ascending = found.every((level, i) => level > (found[i - 1] ?? 0));
  if (ascending && found[0]! <= 0.5 && found.at(-1)! >= 0.5) return found;
  throw misfit('ascending levels around 0.5', name, found.join(', '));
};

export const fields: { [K in keyof Given]-?: Check<Exclude<Given[K], undefined>> } = {
  targets: names,
  horizon: whole(0, 65_536),
  inputs,
  roles: recordOf(oneOf(...ROLES)),
  min: limit,
  max: limit,
  model: oneOf(...modelNames),
  segment: whole(1, 8192),
  paths: whole(2, MOST_PATHS),
  channels: oneOf(...channelNames),
  lags: (value, name) => (value === 'auto' || value === 'none' ? value : checkLags(value, name)),
  normalise: oneOf('last', 'instance'),
  linear: boolean,
  periods: seasons,
  members: whole(1, 16),
  cell: oneOf(...cellNames),
  hidden: whole(1, 65_536),
  layers: whole(1, 64),
  projSize: whole(0, 65_536),
  bidirectional: boolean,
  attention: whole(0, 65_536),
  layerNorm: boolean,
  residual: boolean,
  lookback: whole(1, 1_000_000),
  memory: oneOf('carried', 'window'),
  stateful: boolean,
  anchor: oneOf('last', 'none'),
  loss: oneOf(...losses),
  levels,
  epochs: whole(1, 1_000_000),
  patience: whole(1, 1_000_000),
  learningRate: number(1e-9, 1),
  schedule: oneOf(...schedules),
  rampUp: number(0, 1e9),
  batchSize: whole(1, 65_536),
  weightDecay: number(0, 1),
  dropout: number(0, 0.99),
  clipNorm: number(0, Number.MAX_VALUE),
  levelShift: number(0, 100),
  scale: oneOf('global', 'series'),
  refit: boolean,
  seed: whole(0, 2 ** 31 - 1),
  threads: whole(1, MOST_THREADS),
  split: object<{ train: number; validation: number }>({ train: whole(1, 1e9), validation: whole(1, 1e9) }),
  gap: checkGap,
  calendar,
  cycle: (value, name) => {
    if (value !== 'auto' && value !== 'none') milliseconds(value, name);
    return value as Duration;
  },
  zone: (value, name) => Zone.of(text(64)(value, name), name).name,
  interval: orNull(number(1e-6, 1e15)),
  checkpoint: text(4096),
  checkpointEvery: milliseconds,
};

const required = ['targets', 'horizon'];
const optional = Object.keys(fields).filter((name) => !required.includes(name)) as (keyof Given)[];

/** A copy of any options of a training, each checked by itself. */
export const checkSomeOptions = object<Partial<Given>>(fields, [...required, ...optional] as (keyof Given)[]);

/**
 * Fills in the defaults, which depend on whether the target is a category of `tables`. Throws `invalid-argument` for an
 * unknown name, suggesting the nearest one, and for a value out of range; `invalid-data` for a target that the loss is
 * not for.
 */
export function resolveOptions(options: TrainOptions, tables?: readonly Table[]): ResolvedOptions {
  const given = object<Given>(fields, optional)(options, 'options');
  const { checkpointEvery = defaults.checkpointEvery, ...others } = given;
  checkOfModel(given);
  const own = defaultsOfModel(given.model);
  const resolved = {
    ...defaults,
    ...own,
    ...defaultsOfTruths(given, tables),
    ...others,
    checkpointEvery: milliseconds(checkpointEvery, 'checkpointEvery'),
  };
  if (resolved.projSize > 0 && (!cells[resolved.cell].mayProject || resolved.projSize >= resolved.hidden)) {
    const what = `0, or with the LSTM cell a size below hidden (${resolved.hidden})`;
    throw misfit(what, 'options.projSize', resolved.projSize);
  }
  if (resolved.dropout > 0 && resolved.layers === 1 && resolved.model !== 'segment') {
    const what = '0, or 2 layers or more: units are dropped between layers,';
    throw misfit(what, 'options.dropout', resolved.dropout);
  }
  if (resolved.bidirectional && resolved.memory === 'carried') {
    const what = "false, or the memory 'window': a state that is carried has no end to begin at,";
    throw misfit(what, 'options.bidirectional', resolved.bidirectional);
  }
  if (resolved.stateful && (resolved.memory === 'window' || resolved.attention > 0)) {
    const what = "false, or the memory 'carried' without attention: a window goes on from a state alone,";
    throw misfit(what, 'options.stateful', true);
  }
  if (resolved.residual && resolved.layers === 1) {
    throw misfit('false, or 2 layers or more: the first layer adds nothing,', 'options.residual', true);
  }
  if (resolved.refit && resolved.schedule === 'plateau') {
    throw misfit(
      'another schedule with options.refit: the second round has no validation rows to come to a standstill on,',
      'options.schedule',
      resolved.schedule,
    );
  }
  checkTruths(resolved, tables);
  checkChannels(resolved);
  const { targets, horizon, outputs } = headLayout(resolved);
  if (resolved.model === 'deepar') {
    const { paths = PATHS } = resolved;
    const most = Math.floor(MOST_PATH_NUMBERS / (targets * horizon));
    if (paths > most) throw misfit(`at most ${most}, for ${MOST_PATH_NUMBERS} numbers,`, 'options.paths', paths);
    return { ...resolved, paths };
  }
  const most = Math.floor(MAX_OUTPUTS / (targets * Math.max(1, outputs)));
  if (horizon > most) {
    const each = headOf(resolved.loss).gives === 'quantiles' ? 'levels' : 'numbers of a step';
    const what = `at most ${most} steps (${MAX_OUTPUTS} outputs / ${targets} targets / ${outputs} ${each})`;
    throw misfit(what, 'options.horizon', horizon);
  }
  return resolved;
}
