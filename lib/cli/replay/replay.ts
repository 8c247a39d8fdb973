import type { Command } from 'commander';
import { endsTooEarly } from '../../recording/recording.ts';
import type { Duration } from '../../base/duration.ts';
import { readRecording } from '../../recording/read-recording.ts';
import { duration, every, names, parseNumber, parseWhole } from '../arguments.ts';
import { checkIsFile } from '../input.ts';
import { interrupts } from '../interrupts.ts';
import { type LoopFlags, replayLoopRun } from './replay-loop.ts';
import { replayStream, type StreamReplayFlags } from './replay-stream.ts';
import { withStreamFlags } from '../stream/stream-options.ts';

const HELP = `
Of a stream, the recorded samples go through the model, with the stream options that the recording names and those given here;
of a control loop, the recorded observations through the controller, in virtual time. Each forecast or cycle is compared with the
recorded one, bit for bit. Exit code 0: all are equal; 1: the first that differs is shown, or there was nothing to compare; 4: what --assert says does not hold.

With --faults, --latency or --jitter it is reported what they change instead:
  nan    a reading is no number           stall  an input repeats a reading for 30 samples
  drop   a sample does not arrive         spike  a reading is eight deviations off, of a loop a quarter of its range
and for a control loop
  stuck  an observation repeats, 30 times huge   a reading is 1e300
  late   observations wait until stale    wrong-length  an observation lacks its last value

A recording holds a controller that is a pid or an lqr without functions. Others are the file of a policy, or a module, its
default export what decides: a function (observation, context) => action, or a policy. It may export fallback, a function, too; and
loop, the settings { hz, inputs, limits, fallback, ... }, for a run without a recording.
With --plant the loop runs on a simulation: a model whose targets are the loop's inputs, a period ahead, or a module whose
default export makes { observe(): number[], act(action) }.

--assert, as often as needed, what has to hold:
  no action outside bounds       no action outside rate         no NaN                no unflagged miss
  recovers within N good observations      fallback at most P %       misses at most P %
  NAME within LOW..HIGH [after TIME]       of an input or an action

Examples:
  gatecast replay run.rec --model pump.gatecast
  gatecast replay run.rec --model pump.gatecast --faults nan,drop,stall --gap hold --health
  gatecast replay run.rec --model pump.gatecast --latency 35ms --jitter 5ms --lateness 10s
  gatecast replay run.rec --controller balance.mjs
  gatecast replay run.rec --controller balance.mjs --latency 35ms --faults nan,drop --assert 'no action outside bounds'
  gatecast replay --controller balance.mjs --plant pole.mjs --duration 1h --assert 'angle within -0.2..0.2 after 5s'`;

/** Options that apply to the recording of a stream only; below, to that of a control loop only. */
const OF_STREAM = [
  'model',
  'speed',
  'gap',
  'lateness',
  'resetAfter',
  'health',
  'calibrate',
  'adapt',
  'skill',
  'fallback',
] as const;
const OF_LOOP = ['controller', 'plant', 'duration', 'assert'] as const;

/** How samples are disturbed, and what is checked then. */
export interface DisturbanceFlags {
  latency?: Duration;
  jitter?: Duration;
  faults?: string[];
  rate?: number;
  seed?: number;
  compare?: boolean;
  json?: boolean;
}

export function replayCommand(command: Command): void {
  command
    .argument('[file]', 'recording written by gatecast stream --record, by record() or by recordLoop()')
    .option('--model <file>', 'of a stream: model written by gatecast train')
    .option('--speed <factor>', 'of a stream: times as fast as recorded (default: as fast as possible)', parseNumber)
    .option('--controller <file>', 'of a control loop: a policy, or a module with a controller')
    .option('--plant <file>', 'of a control loop: simulate on this, a model or a module')
    .option('--duration <time>', 'how long to simulate: 10m (default: as the recording, or 1m)', duration)
    .option('--assert <words>', 'of a control loop: what has to hold', every)
    .option('--latency <time>', 'samples arrive later by this: 35ms', duration)
    .option('--jitter <time>', 'and by up to this more or less: 5ms', duration)
    .option('--faults <names>', 'what goes wrong: nan, drop, stall, spike, and see below', names)
    .option('--rate <share>', 'of readings, or samples, that each fault spoils (default: 0.01)', parseNumber)
    .option('--seed <number>', 'of faults and jitter (default: 0)', parseWhole)
    .option('--compare', 'compare with the recording even with faults or delays')
    .option('--no-compare', 'compare nothing, as for another controller')
    .option('--json', 'print the whole report as JSON');
  withStreamFlags(command)
    .addHelpText('after', HELP)
    .action((file: string | undefined, flags: StreamReplayFlags & LoopFlags) => run(command, file, flags));
}

async function run(command: Command, file: string | undefined, flags: StreamReplayFlags & LoopFlags): Promise<void> {
  if (file === undefined && flags.plant === undefined) {
    command.error('error: a recording is needed, or --controller and --plant to simulate a control loop');
  }
  if (file !== undefined) checkIsFile(file, 'the recording');
  const ofLoop = file === undefined || (await isOfLoop(file));
  const what = file === undefined ? 'nothing is recorded' : `${file} is of a ${ofLoop ? 'control loop' : 'stream'}`;
  refuse(command, ofLoop ? OF_STREAM : OF_LOOP, what);
  if (file === undefined) require(command, 'controller', what);
  if (!ofLoop) require(command, 'model', what);
  const stop = new AbortController();
  const signals = interrupts('SIGINT', 'SIGTERM').subscribe(() => stop.abort());
  try {
    if (ofLoop) await replayLoopRun(file, flags, stop.signal);
    else await replayStream(file, flags, stop.signal);
  } finally {
    signals.unsubscribe();
  }
}

/** Throws as `readRecording` does, and `invalid-file` for a recording without a header. */
async function isOfLoop(file: string): Promise<boolean> {
  for await (const entry of readRecording(file)) {
    if (entry.type === 'header') return entry.header.loop !== undefined;
    break;
  }
  throw endsTooEarly(file);
}

function refuse(command: Command, options: readonly string[], what: string): void {
  const given = options.find((option) => command.getOptionValue(option) !== undefined);
  if (given) command.error(`error: option '${longName(command, given)}' cannot be used: ${what}`);
}

function require(command: Command, option: string, what: string): void {
  if (command.getOptionValue(option) !== undefined) return;
  command.error(`error: option '${longName(command, option)}' is needed: ${what}`);
}

function longName(command: Command, attribute: string): string {
  return command.options.find((option) => option.attributeName() === attribute)?.long ?? attribute;
}
