import { types } from 'node:util';
import { expected, GatecastError, misfit } from '../base/errors.ts';
import { RECORD_HEAD_BYTES } from './recording.ts';
import type { RecordingWriter } from './recording-writer.ts';
import { aheadName } from '../model/ahead.ts';
import type { Forecast } from '../model/forecast.ts';
import type { Sample, SampleTime, SampleValues, TimedSample } from '../model/sample.ts';
import { wordNumber } from '../model/inputs/word.ts';
import { isList } from '../base/schema.ts';
import { LiveForecast } from '../online/live-forecast.ts';
import {
  ENDINGS,
  type Ending,
  FORECAST_FLAG,
  FORECAST_HEAD_BYTES,
  type ForecastLayout,
  KIND,
  SAMPLE_FLAG,
  SAMPLE_HEAD_BYTES,
} from './recording-records.ts';
import { isA, reading } from '../base/values.ts';

/** What a sample carries beside its values. */
interface SampleHead {
  flags: number;
  arrival: number;
  at: number;
  extra: readonly number[];
}

const NOTHING: readonly number[] = [];

/** UTF-8 needs at most three bytes for a UTF-16 code unit. */
const MAX_BYTES_PER_UNIT = 3;

/** More inputs than any model has: a longer list is a mistake and would fill the disk. */
const MOST_VALUES = 65_536;

/** Encodes samples and forecasts as records. */
export class RecordEncoder {
  readonly #writer: RecordingWriter;
  readonly #isPlan: (name: string) => boolean;
  readonly #utf8 = new TextEncoder();
  /** Numbers of the texts of the current chunk. */
  readonly #texts = new Map<string, number>();
  #textsOfChunk = 0;
  #names: { list: readonly string[]; text: string } = { list: [], text: '[]' };
  #layout: ForecastLayout & { text: string } = { targets: [], horizon: 0, levels: [], text: '' };

  /** `isPlan`: which names of a sample may have a list, that of a column known ahead; by default all. */
  constructor(writer: RecordingWriter, isPlan: (name: string) => boolean = () => true) {
    this.#writer = writer;
    this.#isPlan = isPlan;
  }

  header(header: object): void {
    this.#writeText(KIND.header, JSON.stringify(header));
    this.#writer.seal();
  }

  /**
   * Throws `invalid-argument` for a value that is not a sample or has more than 65,536 values. A plan is recorded by
   * the names of its steps, and any other value that is not a number as NaN.
   */
  sample(sample: Sample, arrival: number, key: string | undefined): void {
    reading('a sample', () => this.#sample(sample, arrival, key));
  }

  #sample(sample: Sample, arrival: number, key: string | undefined): void {
    let values: SampleValues = sample as SampleValues;
    const head: SampleHead = { flags: 0, arrival, at: 0, extra: NOTHING };
    if (typeof sample === 'object' && sample !== null && !isList(sample)) {
      ({ values } = sample);
      describe(sample, head);
    }
    if (typeof values === 'number') {
      head.flags |= SAMPLE_FLAG.single;
      this.#writeSample(head, key, undefined, [values]);
    } else if (isList(values)) {
      this.#writeSample(head, key, undefined, values);
    } else if (typeof values === 'object' && values !== null) {
      const [names, numbers] = this.#named(values);
      if (!sameTexts(names, this.#names.list)) this.#names = { list: names, text: JSON.stringify(names) };
      this.#writeSample(head, key, this.#names.text, numbers);
    } else {
      const what = 'a number, a list of numbers or { at, values }';
      throw misfit(what, 'a sample', sample);
    }
  }

  forecast(forecast: Forecast): void {
    const { at, ready, skipped, numbers } = forecast;
    const key = 'key' in forecast ? asText(forecast.key) : undefined;
    const layout = this.#layoutOf(forecast);
    let flags = (ready ? FORECAST_FLAG.ready : 0) | (at === undefined ? 0 : FORECAST_FLAG.timed);
    let extra = NOTHING;
    if (isA(forecast, LiveForecast)) {
      if (forecast.kind === 'correction') flags |= FORECAST_FLAG.correction;
      if (forecast.arrivedAt !== undefined) {
        flags |= FORECAST_FLAG.arrived;
        extra = [forecast.arrivedAt];
      }
    }
    const { invalid, duplicate, late, unbelieved } = skipped;
    if (duplicate + late + unbelieved > 0) {
      flags |= FORECAST_FLAG.skipped;
      extra = [...extra, duplicate, late, unbelieved];
    }
    const length = FORECAST_HEAD_BYTES + 8 * (extra.length + numbers.length);
    this.#reserve(length, key, layout.text);
    const [keyText, layoutText] = [this.#text(key), this.#text(layout.text)];
    const place = this.#writer.append(KIND.forecast, length);
    const { view } = this.#writer;
    view.setUint8(place, flags);
    view.setUint32(place + 1, keyText, true);
    view.setUint32(place + 5, layoutText, true);
    view.setUint32(place + 9, invalid, true);
    view.setFloat64(place + 13, at ?? 0, true);
    writeNumbers(view, writeNumbers(view, place + FORECAST_HEAD_BYTES, extra), numbers);
  }

  lost(samples: number, forecasts: number): void {
    this.#reserve(8);
    const place = this.#writer.append(KIND.lost, 8);
    this.#writer.view.setUint32(place, samples, true);
    this.#writer.view.setUint32(place + 4, forecasts, true);
  }

  end(ending: Ending): void {
    this.#reserve(1);
    const place = this.#writer.append(KIND.end, 1);
    this.#writer.view.setUint8(place, ENDINGS.indexOf(ending));
  }

  /** The values of a sample by name, with each list of a plan spread over the names of its steps. */
  #named(values: Readonly<Record<string, unknown>>): [names: string[], values: unknown[]] {
    const names = Object.keys(values);
    const given = Object.values(values);
    if (!given.some((value, i) => isList(value) && this.#isPlan(names[i]!))) return [names, given];
    const spread: Record<string, unknown> = {};
    let count = 0;
    for (const [i, name] of names.entries()) {
      const value = given[i];
      const plan = isList(value) && this.#isPlan(name) ? value : [value];
      count += plan.length;
      if (count > MOST_VALUES) throw tooMany(count);
      for (let step = 0; step < plan.length; step++) {
        const own = step === 0 ? name : aheadName(name, step);
        if (step === 0 || values[own] === undefined) spread[own] = plan[step];
      }
    }
    return [Object.keys(spread), Object.values(spread)];
  }

  #writeSample(
    { flags, arrival, at, extra }: SampleHead,
    key: string | undefined,
    names: string | undefined,
    values: ArrayLike<unknown>,
  ): void {
    if (values.length > MOST_VALUES) throw tooMany(values.length);
    const length = SAMPLE_HEAD_BYTES + 8 * (extra.length + values.length);
    this.#reserve(length, key, names);
    const [keyText, namesText] = [this.#text(key), this.#text(names)];
    const place = this.#writer.append(KIND.sample, length);
    const { view } = this.#writer;
    view.setUint8(place, flags);
    view.setUint32(place + 1, keyText, true);
    view.setUint32(place + 5, namesText, true);
    view.setFloat64(place + 9, arrival, true);
    view.setFloat64(place + 17, at, true);
    writeNumbers(view, writeNumbers(view, place + SAMPLE_HEAD_BYTES, extra), values);
  }

  /** Makes room in one chunk for a record and the texts that it refers to. */
  #reserve(length: number, ...texts: (string | undefined)[]): void {
    this.#noticeChunk();
    let missing = RECORD_HEAD_BYTES + length;
    let all = missing;
    for (const text of texts) {
      if (text === undefined) continue;
      const bytes = RECORD_HEAD_BYTES + MAX_BYTES_PER_UNIT * text.length;
      all += bytes;
      if (!this.#texts.has(text)) missing += bytes;
    }
    if (missing <= this.#writer.room) return;
    this.#writer.reserve(all); // a new chunk has no texts yet
    this.#noticeChunk();
  }

  /** Text numbers hold within one chunk only. */
  #noticeChunk(): void {
    if (this.#textsOfChunk === this.#writer.chunk) return;
    this.#textsOfChunk = this.#writer.chunk;
    this.#texts.clear();
  }

  /** The number of a text in this chunk; writes the text if the chunk does not have it yet. */
  #text(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size + 1);
    this.#append(KIND.text, this.#utf8.encode(text));
    return this.#texts.size;
  }

  #writeText(kind: number, text: string): void {
    const bytes = this.#utf8.encode(text);
    this.#writer.reserve(RECORD_HEAD_BYTES + bytes.length);
    this.#append(kind, bytes);
  }

  #append(kind: number, bytes: Uint8Array): void {
    const place = this.#writer.append(kind, bytes.length);
    new Uint8Array(this.#writer.view.buffer).set(bytes, place);
  }

  /** Forecasts of one model have the same layout, so it is formatted once. */
  #layoutOf(forecast: Forecast): ForecastLayout & { text: string } {
    const { targets, horizon, levels, loss, beside, classes, pathCount } = forecast;
    const last = this.#layout;
    if (targets === last.targets && horizon === last.horizon && levels === last.levels) return last;
    const layout = {
      targets,
      horizon,
      levels,
      ...(loss && beside.length > 0 && { loss }),
      ...(classes && { classes: beside }),
      ...(pathCount > 0 && { paths: { count: pathCount } }),
    };
    this.#layout = { ...layout, text: JSON.stringify(layout) };
    return this.#layout;
  }
}

/** The text of a key. Throws `invalid-argument` for a key that has none. */
export function asText(key: unknown): string {
  try {
    return String(key);
  } catch (cause) {
    throw new GatecastError('invalid-argument', expected('a value that converts to text', 'a key', key), { cause });
  }
}

function tooMany(values: number): GatecastError {
  return misfit(`at most ${MOST_VALUES} values`, 'a sample', values);
}

/** Fills in what a sample carries beside its values. */
function describe({ at, arrivedAt, offset }: TimedSample, head: SampleHead): void {
  head.flags = SAMPLE_FLAG.wrapped;
  if (at !== undefined) {
    head.flags |= SAMPLE_FLAG.timed;
    head.at = millisecondsOf(at);
  }
  if (arrivedAt === undefined && offset === undefined) return;
  head.flags |= (arrivedAt === undefined ? 0 : SAMPLE_FLAG.arrived) | (offset === undefined ? 0 : SAMPLE_FLAG.offset);
  head.extra = [arrivedAt, offset].filter((value) => value !== undefined);
}

/** NaN for an invalid time, as the state treats it. */
function millisecondsOf(at: SampleTime): number {
  if (typeof at === 'number') return at;
  if (typeof at === 'string' || types.isDate(at)) return new Date(at).getTime();
  throw misfit('milliseconds, a Date or text', 'the time of a sample', at);
}

/**
 * Writes float64 numbers: for true and false 1 and 0, for text its `wordNumber`, NaN for anything else. Returns the
 * offset after them.
 */
export function writeNumbers(view: DataView, at: number, values: ArrayLike<unknown>): number {
  for (let i = 0; i < values.length; i++, at += 8) {
    const value = values[i];
    view.setFloat64(at, numberFor(value), true);
  }
  return at;
}

function numberFor(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? wordNumber(value) : Number.NaN;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
