import { Command } from 'commander';
import { version } from '../base/version.ts';

/** What each command does, and the module with its options, which is loaded only for the command that is run. */
const COMMANDS: Record<string, { does: string; load: () => Promise<(command: Command) => void> }> = {
  live: {
    does: "Forecast this machine's own sensors, or the rows of a file, live.",
    load: async () => (await import('./live/live-command.ts')).liveCommand,
  },
  train: {
    does: 'Learn a forecaster from a file of CSV or NDJSON and write it to one file.',
    load: async () => (await import('./train.ts')).trainCommand,
  },
  compare: {
    does: 'Compare GRU and LSTM with each other and with simple forecasts, and recommend one.',
    load: async () => (await import('./compare.ts')).compareCommand,
  },
  evaluate: {
    does: 'Measure how well a model forecasts the rows of a file of CSV or NDJSON.',
    load: async () => (await import('./evaluate/evaluate.ts')).evaluateCommand,
  },
  forecast: {
    does: 'Forecast what follows the rows of a file of CSV or NDJSON.',
    load: async () => (await import('./forecast.ts')).forecastCommand,
  },
  stream: {
    does: 'Forecast after every sample on standard input.',
    load: async () => (await import('./stream/stream.ts')).streamCommand,
  },
  replay: {
    does: 'Run a recording again and compare, or see what late, spoiled and lost samples do, and whether assertions hold.',
    load: async () => (await import('./replay/replay.ts')).replayCommand,
  },
  inspect: {
    does: 'Check a model file, or look at a file of data, and print what is in it.',
    load: async () => (await import('./inspect.ts')).inspectCommand,
  },
  doctor: {
    does: 'Show versions, the native binary and the instruction set in use, and check a model file.',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
};

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

Exit codes: 0 done, 1 input that cannot be used or, of replay, a difference, 2 wrong usage or a loss despite --must-beat, 4 a broken assertion, 70 a fault of gatecast, 130 interrupted.`;

/** Runs the command that the process was started with. */
export async function runProgram(): Promise<void> {
  const program = new Command('gatecast')
    .description('Forecast sensor streams with GRU and LSTM networks that keep their state.')
    .version(version)
    .configureHelp({ subcommandTerm: (command) => command.name() }) // the options of most are not known
    .addHelpText('after', HELP)
    .exitOverride();
  program.showHelpAfterError('(see gatecast --help)');
  const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const asked = words[0] === 'help' ? words[1] : words[0];
  for (const [name, { does, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(does).showHelpAfterError(`(see gatecast ${name} --help)`);
    if (name === asked) (await load())(command);
  }
  await program.parseAsync();
}
