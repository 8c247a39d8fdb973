import { Command } from 'commander';
import { version } from '../base/version.ts';
import { compareCommand } from './compare.ts';
import { doctorCommand } from './doctor.ts';
import { evaluateCommand } from './evaluate/evaluate.ts';
import { forecastCommand } from './forecast.ts';
import { inspectCommand } from './inspect.ts';
import { liveCommand } from './live/live-command.ts';
import { replayCommand } from './replay/replay.ts';
import { streamCommand } from './stream/stream.ts';
import { trainCommand } from './train.ts';

const HELP = `
Examples:
  gatecast train pump.csv --target temperature --horizon 24     learn, writes pump.gatecast
  gatecast compare pump.csv --target temperature --horizon 24   GRU or LSTM, or is a simple forecast as good?
  gatecast forecast pump.csv --model pump.gatecast              the next 24 rows, as CSV
  gatecast evaluate pump.gatecast march.csv                     how good are its forecasts?
  sensor | gatecast stream --model pump.gatecast                a forecast for every line
  gatecast replay run.rec --model pump.gatecast                 the same forecasts again, to the bit?
  gatecast replay run.rec --controller balance.mjs --faults nan,drop --assert 'no action outside bounds'
  gatecast doctor                                               is everything in order here?

Exit codes: 0 done, 1 unexpected failure or, of replay, a difference, 2 wrong usage or a loss despite --must-beat, 3 bad input or file, 4 a broken assertion, 130 interrupted.`;

/** Runs the command that the process was started with. */
export async function runProgram(): Promise<void> {
  const program = new Command('gatecast')
    .description('Forecast sensor streams with GRU and LSTM networks that keep their state.')
    .version(version)
    .addHelpText('after', HELP);

  const commands = [
    liveCommand(),
    trainCommand(),
    compareCommand(),
    evaluateCommand(),
    forecastCommand(),
    streamCommand(),
    replayCommand(),
    inspectCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showHelpAfterError(`(see gatecast ${command === program ? '' : `${command.name()} `}--help)`);
  }
  await program.parseAsync();
}
