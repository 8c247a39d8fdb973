import { type Command, InvalidArgumentError, Option } from 'commander';
import { misfit } from '../base/errors.ts';
import { channelNames } from '../model/channels.ts';
import { gapPolicies } from '../model/gap.ts';
import { calendarPartNames } from '../model/inputs/calendar.ts';
import { centralLevels } from '../model/forecast-json.ts';
import { losses } from '../model/heads/heads.ts';
import type { Role } from '../data/table.ts';
import { type Duration, milliseconds } from '../base/duration.ts';
import { cellNames } from '../network/cells.ts';
import { type ModelName, modelNames } from '../train/models/names.ts';
import { defaults } from '../train/defaults.ts';
import type { EsrnnOptions, SegmentOptions, TrainOptions } from '../train/options.ts';
import { LOOKBACK } from '../train/plan.ts';
import { schedules } from '../train/schedule.ts';
import { duration, limit, levels, names, parseNumber, parseWhole } from './arguments.ts';
import { gap } from './gap.ts';

/** Options that name columns. */
type Named = 'targets' | 'inputs' | 'roles';

/** The options of a training as given on the command line. */
export type TrainFlags = Omit<TrainOptions, Named | 'model' | 'horizon' | 'levels' | 'interval' | 'split'> & {
  model?: ModelName;
  segment?: number;
  periods?: 'auto' | number[];
  members?: number;
  normalise?: 'last' | 'instance';
  linear?: boolean;
  /** Left out with a model to go on from. */
  target?: string[];
  horizon?: number;
  /** Columns that are known up to now. */
  past?: string[];
  /** Columns that are known ahead. */
  future?: string[];
  /** Columns that never change within a series. */
  static?: string[];
  /** Central intervals, as shares. */
  levels?: number[];
  interval?: Duration;
};

/** Adds the options of a training to a command. */
export function withTrainFlags(command: Command): Command {
  const choice = (flags: string, words: string, choices: readonly string[]) =>
    command.addOption(new Option(flags, words).choices(choices));
  const percents = centralLevels(defaults.levels).map((level) => 100 * level);
  command
    .option('--target <columns>', 'column to forecast, or several between commas, or all', names)
    .option('--horizon <steps>', 'rows ahead to forecast; 0 to tell the category of the newest row', parseWhole)
    .option(
      '--past <columns>',
      'columns the network sees beside the targets, or all (default: only the targets)',
      names,
    )
    .addOption(new Option('--inputs <columns>', 'former name of --past').argParser(otherName).hideHelp())
    .option('--future <columns>', 'columns known ahead, for all rows to forecast: a plan, a price, a holiday', names)
    .option('--static <columns>', 'columns that say what kind of series it is: a type, a region', names)
    .option(
      '--calendar <rhythms>',
      `inputs made from times: auto, none, or ${calendarPartNames.join(', ')} (default: ${defaults.calendar})`,
      calendar,
    )
    .option(
      '--cycle <length>',
      `rhythm whose course is taken out before learning: auto, none, 1d, 7d, 24m (default: ${defaults.cycle}); with --model esrnn its season`,
      cycle,
    )
    .option(
      '--gap <policy>',
      `how missing values are filled: ${gapPolicies.join(', ')}; or by input: flow=hold,speed=decay (default: hold)`,
      gap,
    )
    .option('--interval <time>', 'time between rows: 1m (default: the median of the times)', duration)
    .option(
      '--min <value>',
      'smallest value of the targets: 0, or by target cpu=0,load=0; none for no bound',
      limit(-Infinity),
    )
    .option(
      '--max <value>',
      'largest value of the targets: 100 (default of both: 0 and 100 if the unit is % and all values lie within)',
      limit(Infinity),
    )
    .option('--levels <percent>', `central intervals the model learns (default: ${percents.join(',')})`, levels);
  choice(
    '--model <kind>',
    'recurrent keeps its state from row to row; deepar does too and draws sample paths; segment reads a window in ' +
      'segments, for long horizons; esrnn smooths each of many series and forecasts what is left (default: segment 48 ' +
      'rows ahead or more, for targets alone and with no options of the network; else recurrent)',
    modelNames,
  );
  choice('--cell <cell>', `kind of network (default: ${defaults.cell})`, cellNames);
  command
    .option(
      '--lags <steps>',
      'earlier values the network reads: auto, none, 24,168 or 2-25 (default: auto: with --model deepar, and for targets on their own)',
      lags,
    )
    .option('--paths <count>', 'sample paths of a forecast, with --model deepar (default: 100)', parseWhole)
    .option('--hidden <units>', `units of each layer (default: ${defaults.hidden})`, parseWhole)
    .option(
      '--segment <rows>',
      'rows of a segment, with --model segment (default: 48, fewer where the horizon is short)',
      parseWhole,
    )
    .option(
      '--periods <rows>',
      'with --model esrnn, rows of each season: 24 or 24,168, none, or auto (default: auto)',
      periods,
    )
    .option('--members <count>', 'with --model esrnn, networks whose mean is the forecast (default: 3)', parseWhole)
    .addOption(
      new Option(
        '--channels <kind>',
        'several targets: joint reads them together; independent forecasts each from its own past; embedded so too, and tells ' +
          'them apart (default: independent far ahead if they do not help each other, else joint; with --model segment embedded)',
      ).choices(channelNames),
    )
    .option('--layers <count>', `layers (default: ${defaults.layers})`, parseWhole)
    .option(
      '--proj-size <units>',
      `size an LSTM's output is projected to (default: ${defaults.projSize}, none)`,
      parseWhole,
    )
    .option('--bidirectional', 'with --memory window, also read the window backwards')
    .option(
      '--attention <outputs>',
      'last outputs of the network that the head also reads by attention (default: 0, none)',
      parseWhole,
    )
    .option('--layer-norm', 'normalise the output of each layer, with a learned gain and bias')
    .option('--residual', 'let each layer but the first add its input to its output')
    .option(
      '--lookback <rows>',
      `rows of history before the first forecast (default: ${LOOKBACK}, less where rows are few)`,
      parseWhole,
    );
  choice('--memory <kind>', `keep the state for ever, or a window (default: ${defaults.memory})`, [
    'carried',
    'window',
  ]);
  command.option('--stateful', 'let windows go on from the states in which those before them ended');
  choice('--anchor <kind>', `learn the change from the last value, or the value (default: ${defaults.anchor})`, [
    'last',
    'none',
  ]);
  choice(
    '--normalise <kind>',
    'with --model segment, what is taken off each window: its last value, or its mean and deviation (default: last)',
    ['last', 'instance'],
  );
  command.option('--no-linear', 'with --model segment, forecast with the network alone');
  delete command.opts()['linear']; // without the flag it would be true, which other models refuse
  choice('--loss <loss>', `loss to minimise (default: ${defaults.loss})`, losses);
  return command
    .option(
      '--epochs <count>',
      'passes over the training rows at most (default: 40 to 200, more where rows are few)',
      parseWhole,
    )
    .option(
      '--patience <count>',
      'passes without a gain on the validation rows before learning stops (default: half of the passes)',
      parseWhole,
    )
    .option('--learning-rate <rate>', `step size of the optimiser (default: ${defaults.learningRate})`, parseNumber)
    .addOption(
      new Option('--schedule <kind>', `how the step size changes (default: ${defaults.schedule})`).choices(schedules),
    )
    .option(
      '--ramp-up <steps>',
      `steps over which the step size rises, or a share of all below 1 (default: ${defaults.rampUp})`,
      parseNumber,
    )
    .option(
      '--batch-size <windows>',
      `windows for each step of the optimiser (default: ${defaults.batchSize}, fewer where rows are few)`,
      parseWhole,
    )
    .option('--weight-decay <rate>', `pull of the weights towards zero (default: ${defaults.weightDecay})`, parseNumber)
    .option(
      '--clip-norm <norm>',
      `largest norm of the gradient, 0 for any (default: ${defaults.clipNorm})`,
      parseNumber,
    )
    .option('--dropout <share>', `share of units dropped between layers (default: ${defaults.dropout})`, parseNumber)
    .option(
      '--level-shift <deviations>',
      'how far copies of the rows are moved up and down, 0 for none (default: 3 with one input and anchor last)',
      parseNumber,
    )
    .addOption(
      new Option(
        '--scale <kind>',
        'one scale for all series, or one for each series (default: series where levels or spreads differ much)',
      ).choices(['global', 'series']),
    )
    .option('--refit', 'learn again from all rows, with as many passes as validation has chosen')
    .option('--checkpoint <file>', 'keeps where learning is, and goes on from there if the file exists')
    .option('--checkpoint-every <time>', 'least time between two checkpoints: 1m (default: 10s)', duration)
    .option('--seed <seed>', `the same seed gives the same weights (default: ${defaults.seed})`, parseWhole);
}

/** The roles of columns that the flags give. */
export function rolesOf({ target = [], past, future, static: fixed }: TrainFlags): Record<string, Role> {
  return Object.fromEntries([
    ...named(past).map((name) => [name, 'past']),
    ...named(future).map((name) => [name, 'future']),
    ...named(fixed).map((name) => [name, 'static']),
    ...named(target).map((name) => [name, 'target']),
  ]);
}

/** The training options that the flags give, for a file with these columns. */
export function trainOptionsOf(
  flags: TrainFlags & { horizon: number },
  columns: readonly string[],
): TrainOptions | SegmentOptions | EsrnnOptions {
  const { target: given = [], past, future, static: fixed, levels, interval, model, ...others } = flags;
  const inputs = [...named(past), ...named(future), ...named(fixed)];
  const target = given.includes('all') ? columns.filter((name) => !inputs.includes(name)) : given;
  const twice = inputs.find((name, i) => inputs.indexOf(name) < i || (target.includes(name) && !past?.includes(name)));
  if (twice !== undefined) throw misfit('one role for each column', '--target, --past, --future and --static', twice);
  return {
    ...others,
    ...(model && { model }),
    targets: target,
    ...(inputs.length > 0 && { inputs }),
    ...(past?.includes('all') && { inputs: 'all' }),
    ...(levels && { levels: quantilesOf(levels) }),
    ...(interval !== undefined && { interval: milliseconds(interval, 'options.interval') }),
  } as TrainOptions | SegmentOptions; // the check of the options says which fit together
}

/** The columns that a flag names, without the word for all of them. */
function named(columns: readonly string[] | undefined): string[] {
  return (columns ?? []).filter((name) => name !== 'all');
}

function otherName(): never {
  throw new InvalidArgumentError('It is now called --past; columns known ahead are --future.');
}

function calendar(text: string): NonNullable<TrainOptions['calendar']> {
  if (text === 'auto' || text === 'none') return text;
  return names(text).map((name) => {
    const part = calendarPartNames.find((known) => known === name);
    if (part) return part;
    throw new InvalidArgumentError(`Expected auto, none, or some of ${calendarPartNames.join(', ')} between commas.`);
  });
}

function periods(text: string): 'auto' | number[] {
  if (text === 'auto') return text;
  return text === 'none' ? [] : text.split(',').map((part) => parseWhole(part.trim()));
}

function lags(text: string): NonNullable<TrainOptions['lags']> {
  if (text === 'auto' || text === 'none') return text;
  return names(text).flatMap((part) => {
    const [first, last = first] = part.split('-').map(parseWhole) as [number, number?];
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  });
}

function cycle(text: string): NonNullable<TrainOptions['cycle']> {
  return text === 'auto' || text === 'none' ? text : duration(text);
}

/** The levels of the median and of both ends of each central interval. */
function quantilesOf(intervals: readonly number[]): number[] {
  const ends = intervals.flatMap((level) => [(1 - level) / 2, (1 + level) / 2]);
  const levels = [...ends, 0.5].map((level) => Number(level.toFixed(9)));
  return [...new Set(levels)].sort((a, b) => a - b);
}
