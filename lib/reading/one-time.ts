import { GatecastError } from '../base/errors.ts';
import { EpochReader, isEpochUnit } from './epoch.ts';
import type { MissingWords } from './missing.ts';
import { mentionsDate, mentionsTime } from './names.ts';
import { FITS_DOT, NumberScan } from './number-scan.ts';
import { isLocalTime, NUMERIC_NAMES, type NumericTime, NumericTimeSurvey, timeOfNumber } from './numeric-times.ts';
import type { TimeFormat } from './time-format.ts';
import { TimePattern } from './time-pattern.ts';
import { type DateOrder, ORDER_NAMES, TimeScan } from './time-scan.ts';
import { TimeSurvey } from './time-survey.ts';
import { ZoneClock } from './zone-clock.ts';

export interface OneTimeOptions {
  missing: MissingWords;
  format: TimeFormat;
  /** IANA zone of times without an offset; default UTC. */
  zone?: string | undefined;
  /** True for a field that holds milliseconds by agreement, unless its numbers show another unit. */
  agreed: boolean;
  /** The unit of numbers that show none. */
  small: 's' | 'ms';
  /** The interval of the model [ms], which may decide the unit. */
  interval: number | null;
  /** Called once for each thing that was assumed. */
  note: (sentence: string) => void;
}

/** Reads the time in one field of lines that come one by one. What the first fields show holds for all. */
export class OneTime {
  readonly #name: string;
  readonly #options: OneTimeOptions;
  readonly #numbers = new NumberScan();
  readonly #texts: TimeScan | TimePattern;
  readonly #epoch: EpochReader;
  /** The dates so far, as long as they leave the order of day and month open. */
  #dates: TimeSurvey | undefined;
  #order: DateOrder | undefined;
  /** How the first number was written. */
  #form: NumericTime | 'epoch' | undefined;
  readonly #clocks = new Map<string, ZoneClock>();
  #told = false;

  constructor(name: string, options: OneTimeOptions) {
    const { format, small, interval, note } = options;
    this.#name = name;
    this.#options = options;
    this.#texts = format.pattern === undefined ? new TimeScan() : new TimePattern(format.pattern);
    this.#epoch = new EpochReader(small, { interval, note });
    this.#order = format.order;
  }

  /** The time [ms since 1970]. Throws a `GatecastError` for a field that is no time, or can be read in two ways. */
  read(field: string, key: string): number {
    const { pattern } = this.#options.format;
    const scan = this.#numbers;
    const at =
      pattern === undefined && scan.scan(field) && scan.unit === ''
        ? this.#ofNumber((scan.fits & FITS_DOT) === 0 ? scan.comma : scan.dot, key)
        : this.#ofText(field, key);
    if (Number.isFinite(at)) return at;
    throw new GatecastError('invalid-sample', 'Expected a time.');
  }

  #ofNumber(value: number, key: string): number {
    const { format, agreed } = this.#options;
    const { unit } = format;
    if (unit !== undefined) {
      const time = timeOfNumber(value, unit);
      return isLocalTime(unit) ? this.#toUtc(time, '', key, '') : time;
    }
    this.#form ??= formOf(value, this.#name, agreed);
    if (this.#form === 'epoch') return this.#epoch.read(value);
    const time = timeOfNumber(value, this.#form);
    if (isLocalTime(this.#form)) return this.#toUtc(time, '', key, NUMERIC_NAMES[this.#form]);
    this.#tell(NUMERIC_NAMES[this.#form], false);
    return time;
  }

  #ofText(field: string, key: string): number {
    const scan = this.#texts;
    if (!scan.scan(field) || scan.date === 'none') return Number.NaN;
    const order = scan.date === 'numbers' ? this.#orderOf(field) : undefined;
    const local = scan.local(order ?? 'dmy');
    if (!Number.isNaN(scan.offset)) return local - scan.offset;
    return this.#toUtc(local, scan.zone, key, order === undefined ? '' : ORDER_NAMES[order]);
  }

  /** The order of day and month, once a date has shown it. Throws `invalid-data` before. */
  #orderOf(field: string): DateOrder {
    if (this.#order !== undefined) return this.#order;
    this.#dates ??= new TimeSurvey(new TimeScan());
    this.#dates.add(field, 1);
    this.#order = this.#dates.decide(this.#name, 'the input').order ?? 'ymd';
    this.#dates = undefined;
    return this.#order;
  }

  /** `form`: how the time is written, where that is not plain. */
  #toUtc(local: number, own: string, key: string, form: string): number {
    const zone = own === '' ? (this.#options.zone ?? 'UTC') : own;
    if (Number.isFinite(local)) this.#tell(form, own === '');
    if (zone === 'UTC') return local;
    const id = key === '' ? zone : `${zone} ${key}`;
    let clock = this.#clocks.get(id);
    if (!clock) {
      clock = new ZoneClock(zone);
      this.#clocks.set(id, clock);
    }
    return clock.toUtc(local);
  }

  #tell(form: string, local: boolean): void {
    if (this.#told) return;
    this.#told = true;
    const assumed = local && this.#options.zone === undefined;
    const zone = assumed ? ' in UTC (--zone names another zone)' : '';
    if (form !== '' || assumed) this.#options.note(`The times of the samples are read as ${form || 'text'}${zone}.`);
  }
}

/** Days of a spreadsheet are only known where the name says that they are times: such numbers may count anything. */
function formOf(value: number, name: string, agreed: boolean): NumericTime | 'epoch' {
  const survey = new NumericTimeSurvey();
  survey.add(value);
  const form = survey.common({ dates: mentionsDate(name) });
  if (form === 'ticks' || form === 'filetime') return form;
  if (form === undefined || agreed || isEpochUnit(form)) return 'epoch';
  return form === 'digits' || mentionsTime(name) || mentionsDate(name) ? form : 'epoch';
}
