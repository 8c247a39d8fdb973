import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TableOptions } from '../adapters/table-options.ts';
import type { Duration } from '../base/duration.ts';
import { duration, names } from './arguments.ts';

/** How a file of data is read, as given on the command line. */
export interface DataFlags {
  by?: string[];
  time?: string[];
  timeFormat?: string;
  zone?: string;
  missing?: string[];
  decimal?: '.' | ',';
  thousands?: string;
  encoding?: string;
  delimiter?: string;
  order?: 'sort' | 'refuse';
  duplicates?: 'first' | 'last' | 'mean' | 'refuse';
  every?: Duration;
  how?: TableOptions['how'];
}

const FLAGS = [
  ...(['by', 'time', 'timeFormat', 'zone', 'missing', 'decimal', 'thousands', 'encoding', 'delimiter'] as const),
  ...(['order', 'duplicates', 'every', 'how'] as const),
] satisfies (keyof DataFlags)[];

const RULES = ['mean', 'last', 'sum', 'interpolate'] as const;

/** Adds the options of reading data to a command. */
export function withDataFlags(command: Command): Command {
  const choice = (flags: string, words: string, choices: readonly string[]) =>
    command.addOption(new Option(flags, words).choices(choices));
  command
    .option('--by <columns>', 'columns whose values tell several series of a file apart', names)
    .option('--time <columns>', 'column with the time of each row, or its parts: date,time (default: found)', names)
    .option(
      '--time-format <format>',
      "how times are written: '%d.%m.%Y %H:%M', dmy, mdy, ymd, s, ms, us, ns (default: found)",
    )
    .option('--zone <zone>', 'zone of times without an offset: Europe/Berlin (default: UTC)')
    .option('--missing <words>', 'more words for a missing value: unknown,-999', names);
  choice('--decimal <sign>', 'decimal sign (default: found)', ['.', ',']);
  command
    .option('--thousands <sign>', 'sign that groups thousands (default: found)')
    .option('--encoding <name>', 'encoding of the text: latin1 (default: found)')
    .option('--delimiter <sign>', "what separates the fields of CSV: ';' or tab (default: found)", delimiter);
  choice('--order <rule>', 'rows that are not in time order (default: sort)', ['sort', 'refuse']);
  choice('--duplicates <rule>', 'rows of the same time: which one stays (default: first)', [
    'first',
    'last',
    'mean',
    'refuse',
  ]);
  return command
    .option('--every <time>', 'one row for each step of this length: 5m, 1h, 1d', duration)
    .option(
      '--how <rule>',
      `how the rows of a step become one, or by column temp=mean,rain=sum: ${RULES.join(', ')} (default: mean)`,
      how,
    );
}

/** The options of a reader that the flags give. */
export function dataOptionsOf(flags: DataFlags): TableOptions {
  return Object.fromEntries(FLAGS.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])));
}

/** The flags of a command without those that say how data is read. */
export function withoutDataFlags<Flags extends DataFlags>(flags: Flags): Omit<Flags, keyof DataFlags> {
  const own: readonly string[] = FLAGS;
  const others = Object.entries(flags).filter(([name]) => !own.includes(name));
  return Object.fromEntries(others) as Omit<Flags, keyof DataFlags>;
}

/** A sign; a tab is hard to type. */
function delimiter(text: string): string {
  return text === 'tab' || text === '\\t' ? '\t' : text;
}

function how(text: string): TableOptions['how'] {
  const rule = (word: string) => {
    const known = RULES.find((each) => each === word.trim());
    if (known) return known;
    throw new InvalidArgumentError(`Expected one of ${RULES.join(', ')}.`);
  };
  if (!text.includes('=')) return rule(text);
  return Object.fromEntries(
    text.split(',').map((part) => {
      const at = part.lastIndexOf('=');
      if (at < 0) throw new InvalidArgumentError('Expected a rule, or column=rule pairs separated by commas.');
      return [part.slice(0, at).trim(), rule(part.slice(at + 1))];
    }),
  );
}
