import { GatecastError } from '../../base/errors.ts';
import type { Fault } from '../../recording/faults.ts';
import { type ReplayReport, replay } from '../../stream/replay/replay.ts';
import { exitCodes } from '../failure.ts';
import { modelOf } from '../input.ts';
import type { DisturbanceFlags } from './replay.ts';
import { describeReplay } from './replay-text.ts';
import { reportJson } from '../report-json.ts';
import { say } from '../say.ts';
import { type StreamFlags, streamOptionsOf } from '../stream/stream-options.ts';

export interface StreamReplayFlags extends StreamFlags, DisturbanceFlags {
  model?: string;
  speed?: number;
}

/** Replays the recording of a stream. */
export async function replayStream(file: string, flags: StreamReplayFlags, signal: AbortSignal): Promise<void> {
  const model = await modelOf(flags.model!);
  if (flags.speed !== undefined) say('replaying; Ctrl-C ends it with a report');
  try {
    const { speed, latency, jitter, rate, seed, compare } = flags;
    const report = await replay(file, model, {
      stream: streamOptionsOf(flags),
      signal,
      ...(flags.faults && { faults: flags.faults as Fault[] }),
      ...(speed !== undefined && { speed }),
      ...(latency !== undefined && { latency }),
      ...(jitter !== undefined && { jitter }),
      ...(rate !== undefined && { rate }),
      ...(seed !== undefined && { seed }),
      ...(compare !== undefined && { compare }),
    });
    process.stdout.write(flags.json ? reportJson(file, report) : describeReplay(file, report));
    process.exitCode = exitCodeOf(file, report, compare);
  } finally {
    model.dispose();
  }
}

/** Throws `invalid-data` for a recording that cannot answer the question. */
function exitCodeOf(file: string, report: ReplayReport, compare?: boolean): number {
  const { comparison, disturbance, ending, nothingCompared } = report;
  if (ending === 'stopped') return exitCodes.interrupted;
  if (comparison === undefined && disturbance === undefined && compare !== false) {
    throw new GatecastError('invalid-data', `Expected forecasts to compare with in ${file} but it has samples only.`);
  }
  return nothingCompared || (comparison !== undefined && comparison.different > 0) ? exitCodes.different : exitCodes.ok;
}
