import { map } from 'rxjs';
import { RECORD_HEAD_BYTES } from '../../recording/recording.ts';
import { RecordingWriter } from '../../recording/recording-writer.ts';
import { isList } from '../../base/schema.ts';
import { RecordEncoder, writeNumbers } from '../../recording/record-encoder.ts';
import type { Ending } from '../../recording/recording-records.ts';
import { started } from '../at-once.ts';
import { systemClock } from '../clock.ts';
import type { ControlCycle } from '../control-cycle.ts';
import type { ControlLoopOptions } from '../loop/loop-options.ts';
import type { Observation } from '../observation.ts';
import {
  CYCLE_FLAG,
  CYCLE_HEAD_BYTES,
  FORM,
  LOOP_KIND,
  type LoopRecordingHeader,
  OBSERVATION_HEAD_BYTES,
  REASONS,
  SOURCES,
  STATUSES,
} from './loop-records.ts';

/** How many bytes may wait before the recorder waits for the disk. */
const BUFFER = 2 ** 22;
/** More inputs than any loop has: an observation with more has the wrong length in any case. */
const MOST_VALUES = 10_001;
const NOTHING = new Float64Array();

/** An observation in the form in which it is written. */
interface PendingObservation {
  readonly form: number;
  readonly arrival: number;
  readonly at: number;
  readonly values: Float64Array;
}

/** Records one subscription of a loop, from between the loop and its options. */
export class LoopRecorder {
  readonly #writer: RecordingWriter;
  readonly #encoder: RecordEncoder;
  /** Times that the loop has read from its clock since it was last woken. */
  #readings: number[] = [];
  /** Observations that came during a cycle, for the next one. */
  #waiting: PendingObservation[] = [];
  #begun = false;
  #inCycle = false;
  #sent: Float64Array | undefined;
  #refused = false;
  #ended = false;

  /** Creates the file. Throws `io`. */
  constructor(file: string, header: LoopRecordingHeader, flush: number) {
    this.#writer = new RecordingWriter(file, flush);
    this.#encoder = new RecordEncoder(this.#writer);
    this.#encoder.header(header);
  }

  /** The options of the loop to run. It sees copies of the observations, so what is recorded is what it saw. */
  around(options: ControlLoopOptions): ControlLoopOptions {
    const { observe, decide: controller, act, clock = systemClock } = options;
    return {
      ...options,
      // A controller may depend on which clock it gets.
      decide: {
        start() {
          const decide = typeof controller === 'function' ? controller : started(controller);
          return (observation, context) => decide(observation, { ...context, clock });
        },
      },
      observe:
        typeof observe === 'function'
          ? () => this.#observed(observe, this.#readings[0]!, false)
          : observe.pipe(map((observation) => this.#observed(() => observation, clock.now(), this.#inCycle))),
      act: (action) => {
        this.#sent = action.slice();
        this.#refused = true;
        const result = act(action);
        this.#refused = false;
        return result;
      },
      clock: {
        now: () => {
          const time = clock.now();
          this.#readings.push(time);
          return time;
        },
        wait: (until, wake) => {
          if (!this.#begun) this.#begin(until);
          return clock.wait(until, () => {
            this.#readings = [];
            this.#inCycle = true;
            wake();
            this.#inCycle = false;
          });
        },
      },
    };
  }

  /** Records a cycle. Throws `io`. */
  cycle(cycle: ControlCycle): void {
    const { status, source, reason, deadlineMet, limited, missed, action } = cycle;
    // If the controller was asked, the loop has read the clock before and after it too.
    const asked = reason !== 'stopped' && this.#readings.length === 4;
    const numbers = [cycle.seq, cycle.tDue, cycle.tIn, asked ? this.#readings[2] : undefined, cycle.tOut];
    numbers.push(cycle.tEvent, cycle.iterations);
    const [view, at] = this.#append(LOOP_KIND.cycle, CYCLE_HEAD_BYTES + 8 * action.length);
    view.setUint8(at, STATUSES.indexOf(status));
    view.setUint8(at + 1, SOURCES.indexOf(source));
    view.setUint8(at + 2, reason === undefined ? 0 : REASONS[reason]);
    view.setUint8(
      at + 3,
      (deadlineMet ? CYCLE_FLAG.deadlineMet : 0) |
        (limited ? CYCLE_FLAG.limited : 0) |
        (this.#refused ? CYCLE_FLAG.refused : 0) |
        cycle.flags.reduce((bits, flag) => bits | CYCLE_FLAG[flag], 0),
    );
    view.setUint32(at + 4, missed, true);
    numbers.forEach((number, i) => view.setFloat64(at + 8 + 8 * i, number ?? Number.NaN, true));
    writeNumbers(view, at + CYCLE_HEAD_BYTES, action);
    this.#sent = undefined;
    this.#refused = false;
    this.#inCycle = false;
    this.#writeWaiting();
  }

  /** Writes everything and closes the file. Throws `io`. Only the first call has an effect. */
  end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      this.#writeWaiting();
      if (this.#sent !== undefined) this.#write(LOOP_KIND.stop, this.#sent);
      this.#encoder.end(ending);
    } finally {
      this.#writer.close();
    }
  }

  /** The loop has started, and its first cycle is due at `origin`. */
  #begin(origin: number): void {
    this.#begun = true;
    this.#write(LOOP_KIND.begun, [origin, ...(this.#sent ?? [])]);
    this.#sent = undefined;
  }

  /**
   * Keeps an observation, which may be too late for the cycle under way, and returns the copy that the loop is to see.
   */
  #observed(get: () => unknown, arrival: number, tooLate: boolean): Observation {
    const seen: Omit<PendingObservation, 'form'> & { at: number; values: Float64Array } = {
      arrival,
      at: Number.NaN,
      values: NOTHING,
    };
    let form: number = FORM.none;
    let copy: unknown;
    try {
      const given = get();
      if (given !== undefined && given !== null) {
        const { at, values } = given as Partial<Observation>;
        seen.at = typeof at === 'number' ? at : Number.NaN;
        form = isList(values) ? FORM.list : FORM.listless;
        seen.values = isList(values) ? numbersOf(values) : NOTHING;
        const isPromise = typeof (given as { then?: unknown }).then === 'function'; // the loop follows it
        copy = isPromise ? given : { at: seen.at, values: isList(values) ? seen.values : undefined };
      }
    } catch (error) {
      form = FORM.threw;
      copy = throwing(error);
    }
    if (tooLate) this.#waiting.push({ ...seen, form });
    else this.#writeObservation({ ...seen, form });
    return copy as Observation;
  }

  #writeWaiting(): void {
    for (const seen of this.#waiting.splice(0)) this.#writeObservation(seen);
  }

  #writeObservation({ form, arrival, at, values }: PendingObservation): void {
    const [view, place] = this.#append(LOOP_KIND.observation, OBSERVATION_HEAD_BYTES + 8 * values.length);
    view.setUint8(place, form);
    view.setFloat64(place + 1, arrival, true);
    view.setFloat64(place + 9, at, true);
    writeNumbers(view, place + OBSERVATION_HEAD_BYTES, values);
  }

  #write(kind: number, numbers: ArrayLike<number>): void {
    const [view, at] = this.#append(kind, 8 * numbers.length);
    writeNumbers(view, at, numbers);
  }

  #append(kind: number, length: number): [DataView, number] {
    if (this.#writer.waitingBytes > BUFFER) this.#writer.drain();
    this.#writer.reserve(RECORD_HEAD_BYTES + length);
    const at = this.#writer.append(kind, length);
    return [this.#writer.view, at];
  }
}

/** An observation that throws when the loop reads it. */
export function throwing(error: unknown): Observation {
  return {
    get at(): number {
      throw error;
    },
    values: NOTHING,
  };
}

function numbersOf(values: ArrayLike<unknown>): Float64Array {
  const length = Math.min(values.length, MOST_VALUES);
  return Float64Array.from({ length }, (_, i) => {
    const value = values[i];
    return typeof value === 'number' ? value : Number.NaN;
  });
}
