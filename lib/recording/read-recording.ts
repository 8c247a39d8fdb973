import { GatecastError } from '../base/errors.ts';
import type { RawRecord } from './recording.ts';
import { readRecordingPieces } from './recording-reader.ts';
import { toNumbers } from '../model/forecast.ts';
import { losses } from '../model/heads/heads.ts';
import { MOST_PATHS } from '../model/paths.ts';
import type { Sample } from '../model/sample.ts';
import { skippedOf } from '../model/skipped.ts';
import { LiveForecast } from '../online/live-forecast.ts';
import {
  ENDINGS,
  type Ending,
  FORECAST_FLAG,
  FORECAST_HEAD_BYTES,
  type ForecastLayout,
  KIND,
  type RecordingHeader,
  SAMPLE_FLAG,
  SAMPLE_HEAD_BYTES,
} from './recording-records.ts';

/** An entry of a recording, in recorded order. */
export type RecordingEntry =
  | { readonly type: 'header'; readonly header: RecordingHeader }
  /** As it arrived, `arrival` ms after the start. A time given as a Date or text is in ms here. */
  | { readonly type: 'sample'; readonly arrival: number; readonly key: string | undefined; readonly sample: Sample }
  /** Without `trust`, which is not recorded. */
  | { readonly type: 'forecast'; readonly key: string | undefined; readonly forecast: LiveForecast }
  /** Samples and forecasts missing here because the disk could not keep up. */
  | { readonly type: 'lost'; readonly samples: number; readonly forecasts: number }
  | { readonly type: 'end'; readonly ending: Ending }
  /** The last entry of a recording whose process died; everything before it is whole. */
  | { readonly type: 'torn'; readonly bytes: number };

/**
 * Reads what `record` wrote, chunk by chunk.
 *
 * A recording that was not finished ends with 'torn', or simply without 'end' if it stopped between two chunks. Throws
 * `io` if it cannot be read, and `invalid-file` where it is damaged, after yielding everything before that.
 *
 * ```ts
 * for await (const entry of readRecording('pump.rec')) if (entry.type === 'sample') console.log(entry.sample);
 * ```
 */
export async function* readRecording(path: string): AsyncGenerator<RecordingEntry> {
  for await (const piece of readRecordingPieces(path)) {
    if ('tornBytes' in piece) {
      yield { type: 'torn', bytes: piece.tornBytes };
    } else {
      const chunk = new ChunkDecoder(path);
      for (const record of piece.records) {
        const entry = chunk.decode(record);
        if (entry) yield entry;
      }
    }
  }
}

/** Decodes the records of one chunk; a record may refer to texts before it. */
class ChunkDecoder {
  readonly #path: string;
  readonly #texts: string[] = [];
  /** Parsed JSON by number of its text: many records refer to the same. */
  readonly #parsed = new Map<number, unknown>();

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined for a text record and for an unknown kind. Throws `invalid-file`. */
  decode({ kind, body }: RawRecord): RecordingEntry | undefined {
    try {
      switch (kind) {
        case KIND.header:
          return { type: 'header', header: JSON.parse(textOf(body)) as RecordingHeader };
        case KIND.text:
          this.#texts.push(textOf(body));
          return undefined;
        case KIND.sample:
          return this.#sample(body);
        case KIND.forecast:
          return this.#forecast(body);
        case KIND.lost:
          return { type: 'lost', samples: body.getUint32(0, true), forecasts: body.getUint32(4, true) };
        case KIND.end:
          return { type: 'end', ending: ENDINGS[body.getUint8(0)] ?? 'unsubscribed' };
        default:
          return undefined;
      }
    } catch (cause) {
      const message = `Expected records of Gatecast in ${this.#path} but one is malformed.`;
      throw new GatecastError('invalid-file', message, { cause });
    }
  }

  #sample(body: DataView): RecordingEntry {
    const flags = body.getUint8(0);
    const arrival = body.getFloat64(9, true);
    const [extra, at] = extraOf(body, SAMPLE_HEAD_BYTES, flags, [SAMPLE_FLAG.arrived, SAMPLE_FLAG.offset]);
    const [arrivedAt, offset] = extra;
    const numbers = numbersOf(body, at);
    const names = this.#json(body.getUint32(5, true)) as readonly string[] | undefined;
    let values: number | Float64Array | Record<string, number> = numbers;
    if (names !== undefined) {
      values = Object.fromEntries(names.map((name, i) => [name, numbers[i]!]));
    } else if (flags & SAMPLE_FLAG.single) {
      values = numbers[0]!;
    }
    const known = {
      ...(flags & SAMPLE_FLAG.timed && { at: body.getFloat64(17, true) }),
      ...(arrivedAt !== undefined && { arrivedAt }),
      ...(offset !== undefined && { offset }),
    };
    const sample = (flags & SAMPLE_FLAG.wrapped ? { ...known, values } : values) as Sample;
    return { type: 'sample', arrival, key: this.#text(body.getUint32(1, true)), sample };
  }

  #forecast(body: DataView): RecordingEntry {
    const flags = body.getUint8(0);
    const layout = this.#json(body.getUint32(5, true)) as ForecastLayout | undefined;
    if (layout === undefined) throw new RangeError('it does not say what its numbers are');
    if (layout.loss !== undefined && !losses.includes(layout.loss)) throw new RangeError('its loss is not known');
    if ((layout.loss === 'classes') !== Array.isArray(layout.classes)) throw new RangeError('it lacks its classes');
    if (!isCount(layout.paths?.count ?? 1)) throw new RangeError('it does not say how many paths it has');
    const fields = [FORECAST_FLAG.arrived, FORECAST_FLAG.skipped, FORECAST_FLAG.skipped, FORECAST_FLAG.skipped];
    const [extra, at] = extraOf(body, FORECAST_HEAD_BYTES, flags, fields);
    const [arrivedAt, duplicate = 0, late = 0, unbelieved = 0] = extra;
    const forecast = new LiveForecast(
      layout,
      toNumbers(numbersOf(body, at)),
      flags & FORECAST_FLAG.timed ? body.getFloat64(13, true) : undefined,
      (flags & FORECAST_FLAG.ready) !== 0,
      skippedOf(body.getUint32(9, true), duplicate, late, unbelieved),
      (flags & FORECAST_FLAG.correction) !== 0,
      arrivedAt,
    );
    return { type: 'forecast', key: this.#text(body.getUint32(1, true)), forecast };
  }

  #json(index: number): unknown {
    if (index === 0) return undefined;
    if (!this.#parsed.has(index)) this.#parsed.set(index, JSON.parse(this.#text(index)!));
    return this.#parsed.get(index);
  }

  #text(index: number): string | undefined {
    if (index === 0) return undefined;
    const text = this.#texts[index - 1];
    if (text === undefined) throw new RangeError('it refers to a text that is missing');
    return text;
  }
}

function textOf(body: DataView): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
}

/** Reads the numbers whose flags are set, one for each of `fields`. Returns them and the offset after them. */
function extraOf(
  body: DataView,
  from: number,
  flags: number,
  fields: readonly number[],
): [(number | undefined)[], number] {
  let at = from;
  const numbers = fields.map((flag) => {
    if ((flags & flag) === 0) return undefined;
    at += 8;
    return body.getFloat64(at - 8, true);
  });
  return [numbers, at];
}

/** The float64 numbers of a body, from byte `from` on. */
export function numbersOf(body: DataView, from: number): Float64Array {
  const numbers = new Float64Array((body.byteLength - from) / 8);
  for (let i = 0; i < numbers.length; i++) numbers[i] = body.getFloat64(from + 8 * i, true);
  return numbers;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= MOST_PATHS;
}
