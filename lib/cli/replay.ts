import { Command } from 'commander';
import { GatecastError } from '../errors.ts';
import type { Duration } from '../model/duration.ts';
import { Forecaster } from '../model/forecaster.ts';
import type { Fault } from '../stream/faults.ts';
import { type ReplayReport, replay } from '../stream/replay.ts';
import { duration, names, need, number, whole } from './arguments.ts';
import { exitCodes } from './failure.ts';
import { interrupts } from './interrupts.ts';
import { describeReplay } from './replay-text.ts';
import { type StreamFlags, streamOptionsOf, withStreamFlags } from './stream-options.ts';

const HELP = `
Runs the recorded samples through the model, with the stream options that the recording names and those given here, and
compares each forecast with the recorded one, bit for bit. Exit code 0: all are equal; 1: the first that differs is shown.

With --faults, --latency or --jitter it is reported how the forecasts change instead:
  nan    a reading is no number           stall  an input repeats a reading for 30 samples
  drop   a sample does not arrive         spike  a reading is eight deviations off

Examples:
  gatecast replay run.rec --model pump.gatecast
  gatecast replay run.rec --model pump.gatecast --faults nan,drop,stall --gap hold --health
  gatecast replay run.rec --model pump.gatecast --latency 35ms --jitter 5ms --lateness 10s`;

interface Flags extends StreamFlags {
  model: string;
  speed?: number;
  latency?: Duration;
  jitter?: Duration;
  faults?: string[];
  rate?: number;
  seed?: number;
  compare?: boolean;
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Run a recording again and compare, or see what late, spoiled and lost samples do.')
    .argument('<file>', 'recording written by gatecast stream --record, or by record()')
    .option('--model <file>', 'model written by gatecast train')
    .option('--speed <factor>', 'times as fast as it was recorded (default: as fast as possible)', number)
    .option('--latency <time>', 'samples arrive later by this: 35ms', duration)
    .option('--jitter <time>', 'and by up to this more or less: 5ms', duration)
    .option('--faults <names>', 'what goes wrong: nan, drop, stall, spike', names)
    .option('--rate <share>', 'of readings, or samples, that each fault spoils (default: 0.01)', number)
    .option('--seed <number>', 'of faults and jitter (default: 0)', whole)
    .option('--compare', 'with faults or delays too, compare the undisturbed forecasts with the recorded ones');
  withStreamFlags(command).addHelpText('after', HELP).action(runReplay);
  need(command, 'model');
  return command;
}

async function runReplay(file: string, flags: Flags): Promise<void> {
  const model = await Forecaster.load(flags.model);
  const stop = new AbortController();
  const signals = interrupts('SIGINT', 'SIGTERM').subscribe(() => stop.abort());
  if (flags.speed !== undefined) process.stderr.write('gatecast: replaying, Ctrl-C ends it with a report\n');
  try {
    const { speed, latency, jitter, rate, seed, compare } = flags;
    const report = await replay(file, model, {
      stream: streamOptionsOf(flags),
      signal: stop.signal,
      ...(flags.faults && { faults: flags.faults as Fault[] }),
      ...(speed !== undefined && { speed }),
      ...(latency !== undefined && { latency }),
      ...(jitter !== undefined && { jitter }),
      ...(rate !== undefined && { rate }),
      ...(seed !== undefined && { seed }),
      ...(compare !== undefined && { compare }),
    });
    process.stdout.write(describeReplay(file, report));
    process.exitCode = exitCodeOf(file, report);
  } finally {
    signals.unsubscribe();
    model.dispose();
  }
}

/** Throws `invalid-data` for a recording that could not answer what was asked. */
function exitCodeOf(file: string, { comparison, disturbance, ending }: ReplayReport): number {
  if (ending === 'stopped') return exitCodes.interrupted;
  if (comparison === undefined && disturbance === undefined) {
    throw new GatecastError('invalid-data', `Expected forecasts to compare with in ${file} but it has samples only.`);
  }
  return comparison !== undefined && comparison.different > 0 ? exitCodes.different : exitCodes.ok;
}
