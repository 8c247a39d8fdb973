import { defer, finalize, type Observable, tap } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { number, object } from '../../base/schema.ts';
import { describeBuild } from '../../recording/recording-header.ts';
import type { ControlCycle } from '../control-cycle.ts';
import { controlLoop } from '../loop/control-loop.ts';
import { reportLate } from '../late-failures.ts';
import type { ControlLoopOptions } from '../loop/loop-options.ts';
import { describeLoop, type LoopNames } from './loop-description.ts';
import type { LoopRecordingHeader } from './loop-records.ts';
import { LoopRecorder } from './loop-recorder.ts';

export interface RecordLoopOptions {
  /** Names of the values in assertions; `input1` ... and `action1` ... by default. */
  names?: LoopNames;
  /** Longest time that a record stays in memory while the file can be written, from 1 ms to a day; default '1s'. */
  flush?: Duration;
}

const flushTime = number(1, 86_400_000);
const check = object<RecordLoopOptions>(
  {
    names: (names) => names as LoopNames, // checked by describeLoop
    flush: (value, name) => flushTime(milliseconds(value, name), name),
  },
  ['names', 'flush'],
);

/**
 * `controlLoop(options)`, recorded: its settings, every observation with its arrival time, and every cycle go to a
 * file, which `replayLoop` runs again in virtual time.
 *
 * Numbers are recorded to the bit. The file grows by whole chunks with checksums: if the process dies, everything
 * before is whole. Each subscription creates a new file. If it cannot be written, that is the error of the stream;
 * `stop` is sent first.
 *
 * ```ts
 * const loop$ = recordLoop('run.rec', { hz: 100, observe, inputs: 2, decide, act, limits, fallback: [0] });
 * loop$.subscribe(({ status }) => show(status));
 * ```
 *
 * Throws `invalid-argument` at once for wrong options.
 */
export function recordLoop(
  file: string,
  options: ControlLoopOptions,
  recording: RecordLoopOptions = {},
): Observable<ControlCycle> {
  if (typeof file !== 'string') throw misfit('a path', 'the file', file);
  const { names, flush = 1000 } = check(recording, 'recording');
  const description = { ...describeBuild(undefined), loop: describeLoop(options, names) };
  return defer(() => {
    const header: LoopRecordingHeader = { ...description, startedAt: new Date().toISOString() };
    const recorder = new LoopRecorder(file, header, flush as number);
    let failed = false; // a failure before the end is the error of the stream
    return controlLoop(recorder.around(options)).pipe(
      tap({
        next: (cycle) => {
          failed = true;
          recorder.cycle(cycle);
          failed = false;
        },
        complete: () => recorder.end('complete'),
        error: () => recorder.end('error'),
      }),
      finalize(() => {
        try {
          recorder.end('unsubscribed');
        } catch (error) {
          // Operators of RxJS swallow what is thrown here.
          if (!failed) reportLate({ source: 'recording', error }, options.onLateFailure);
          throw error;
        }
      }),
    );
  });
}
