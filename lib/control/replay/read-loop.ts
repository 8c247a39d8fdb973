import { GatecastError } from '../../base/errors.ts';
import { endsTooEarly, type RawRecord } from '../../recording/recording.ts';
import { readRecordingPieces } from '../../recording/recording-reader.ts';
import { numbersOf } from '../../recording/read-recording.ts';
import { ENDINGS, type Ending, KIND } from '../../recording/recording-records.ts';
import type { ControlCycle, CycleReason } from '../control-cycle.ts';
import { CYCLE_FLAGS } from '../cycle-flags.ts';
import type { Observation } from '../observation.ts';
import { checkDescription } from './loop-description.ts';
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

/** A recorded cycle. */
export interface RecordedCycle extends Omit<ControlCycle, 'errors' | 'notice'> {
  /** When the controller had answered; undefined if it was not asked. */
  readonly tAnswered: number | undefined;
  /** Whether `act` threw at the action. */
  readonly refused: boolean;
}

/** An entry in the recording of a loop, in recorded order. */
export type LoopEntry =
  | { readonly type: 'header'; readonly header: LoopRecordingHeader }
  /** Cycle 0 was due at `origin`; the action of `start`, if there was one, was sent before it. */
  | { readonly type: 'begun'; readonly origin: number; readonly start: Float64Array | undefined }
  /** It arrived at `arrival`; 'threw' if reading it failed. A value or time that was not a number is NaN. */
  | {
      readonly type: 'observation';
      readonly arrival: number;
      readonly observation: Partial<Observation<Float64Array>> | 'threw' | undefined;
    }
  | { readonly type: 'cycle'; readonly cycle: RecordedCycle }
  /** The action sent at the end, if no cycle reports it. */
  | { readonly type: 'stop'; readonly action: Float64Array }
  | { readonly type: 'end'; readonly ending: Ending }
  /** The last entry of a recording whose process died; everything before it is whole. */
  | { readonly type: 'torn'; readonly bytes: number };

const reasons = Object.fromEntries(Object.entries(REASONS).map(([name, number]) => [number, name as CycleReason]));

/**
 * Reads what `recordLoop` wrote, chunk by chunk.
 *
 * A recording that was not finished ends with 'torn', or simply without 'end' if it stopped between two chunks. Throws
 * `io` if it cannot be read, and `invalid-file` for another kind of recording and where it is damaged, after yielding
 * everything before that.
 *
 * ```ts
 * for await (const entry of readLoop('run.rec')) if (entry.type === 'cycle') console.log(entry.cycle.action);
 * ```
 */
export async function* readLoop(path: string): AsyncGenerator<LoopEntry> {
  let first = true;
  for await (const piece of readRecordingPieces(path)) {
    if ('tornBytes' in piece) {
      yield { type: 'torn', bytes: piece.tornBytes };
      continue;
    }
    for (const record of piece.records) {
      const entry = first ? decodeHeader(record, path) : decode(record, path);
      first = false;
      if (entry !== undefined) yield entry;
    }
  }
}

/** Reads the header. Throws `invalid-file` if there is none. */
export async function headerOf(entries: AsyncGenerator<LoopEntry>, file: string): Promise<LoopRecordingHeader> {
  const first = (await entries.next()).value as LoopEntry | undefined;
  if (first?.type === 'header') return first.header;
  throw endsTooEarly(file);
}

function decodeHeader({ kind, body }: RawRecord, path: string): LoopEntry {
  const header = understood(path, () => {
    if (kind !== KIND.header) throw new RangeError('it has no header');
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as LoopRecordingHeader;
  });
  if (header.loop === undefined) {
    throw new GatecastError('invalid-file', `Expected the recording of a control loop but ${path} is one of a stream.`);
  }
  return { type: 'header', header: { ...header, loop: understood(path, () => checkDescription(header.loop, 'loop')) } };
}

/** Undefined for an unknown kind. Throws `invalid-file`. */
function decode({ kind, body }: RawRecord, path: string): LoopEntry | undefined {
  return understood(path, () => {
    switch (kind) {
      case LOOP_KIND.begun: {
        const start = numbersOf(body, 8);
        return { type: 'begun', origin: body.getFloat64(0, true), start: start.length > 0 ? start : undefined };
      }
      case LOOP_KIND.observation:
        return observationOf(body);
      case LOOP_KIND.cycle:
        return { type: 'cycle', cycle: cycleOf(body) };
      case LOOP_KIND.stop:
        return { type: 'stop', action: numbersOf(body, 0) };
      case KIND.end:
        return { type: 'end', ending: ENDINGS[body.getUint8(0)] ?? 'unsubscribed' };
      default:
        return undefined;
    }
  });
}

function observationOf(body: DataView): LoopEntry {
  const form = body.getUint8(0);
  const arrival = body.getFloat64(1, true);
  const at = body.getFloat64(9, true);
  if (form === FORM.none) return { type: 'observation', arrival, observation: undefined };
  if (form === FORM.threw) return { type: 'observation', arrival, observation: 'threw' };
  const values = form === FORM.list && { values: numbersOf(body, OBSERVATION_HEAD_BYTES) };
  return { type: 'observation', arrival, observation: { at, ...values } };
}

function cycleOf(body: DataView): RecordedCycle {
  const flags = body.getUint8(3);
  const number = (index: number) => body.getFloat64(8 + 8 * index, true);
  const known = (index: number) => (Number.isNaN(number(index)) ? undefined : number(index));
  const [tIn, tEvent] = [number(2), known(5)];
  return {
    seq: number(0),
    status: nameOf(STATUSES, body.getUint8(0)),
    tDue: number(1),
    tEvent,
    tIn,
    tAnswered: known(3),
    tOut: number(4),
    ageMs: tEvent === undefined ? undefined : tIn - tEvent,
    deadlineMet: (flags & CYCLE_FLAG.deadlineMet) !== 0,
    missed: body.getUint32(4, true),
    source: nameOf(SOURCES, body.getUint8(1)),
    iterations: known(6),
    action: numbersOf(body, CYCLE_HEAD_BYTES),
    limited: (flags & CYCLE_FLAG.limited) !== 0,
    reason: reasons[body.getUint8(2)],
    flags: CYCLE_FLAGS.filter((flag) => (flags & CYCLE_FLAG[flag]) !== 0),
    refused: (flags & CYCLE_FLAG.refused) !== 0,
  };
}

function nameOf<T>(names: readonly T[], index: number): T {
  const name = names[index];
  if (name === undefined) throw new RangeError('it has an unknown name');
  return name;
}

function understood<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const message = `Expected records of a control loop in ${path} but one is malformed.`;
    throw new GatecastError('invalid-file', message, { cause });
  }
}
