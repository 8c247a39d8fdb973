import { type Command, Option } from 'commander';
import type { StreamOptions } from '../../stream/state/stream-options.ts';
import { duration } from '../arguments.ts';
import { gap } from '../gap.ts';

/** The stream options that can be given at the command line. */
export type StreamFlags = Pick<
  StreamOptions,
  'gap' | 'lateness' | 'resetAfter' | 'health' | 'calibrate' | 'adapt' | 'skill' | 'fallback'
>;

/** Adds these options to a command. */
export function withStreamFlags(command: Command): Command {
  return command
    .option(
      '--gap <policy>',
      'fill what is missing: hold, decay, impute, mask or elapsed; or by input: flow=hold,speed=decay',
      gap,
    )
    .option('--lateness <time>', 'how late a sample may come and still be put in its place: 10s', duration)
    .option('--reset-after <time>', 'reset the state after a gap in the times as long as this: 1h', duration)
    .option('--health', 'watch the sensors, and leave out readings that are certainly wrong')
    .option('--calibrate', 'learn the width of the intervals from the values that arrive')
    .option(
      '--adapt',
      'learn the error of the forecasts from the values that arrive, and correct them where that helps',
    )
    .option('--skill', 'score the forecasts against repeating the last value')
    .addOption(
      new Option(
        '--fallback [baseline]',
        'baseline that answers while it is better than the model: naive, the last value',
      )
        .choices(['naive', 'none'])
        .preset('naive'),
    );
}

/** The options that were given. */
export function streamOptionsOf(flags: StreamFlags): StreamOptions {
  const { gap, lateness, resetAfter, health, calibrate, adapt, skill, fallback } = flags;
  const options = { gap, lateness, resetAfter, health, calibrate, adapt, skill, fallback };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
