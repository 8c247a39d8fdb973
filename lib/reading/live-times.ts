import { describe, expected, GatecastError } from '../base/errors.ts';
import { ColumnSurvey } from './column-survey.ts';
import { isAbsent, MissingWords } from './missing.ts';
import { mentionsTime } from './names.ts';
import { NumberScan } from './number-scan.ts';
import { OneTime, type OneTimeOptions } from './one-time.ts';
import { guessTimeColumns } from './time-columns.ts';
import { timeFormat } from './time-format.ts';
import { TimePattern } from './time-pattern.ts';
import { decideTime, joinFields, type RowTimes } from './time-reading.ts';
import { TimeScan } from './time-scan.ts';
import { ZoneClock } from './zone-clock.ts';

export interface LiveTimesOptions extends Omit<OneTimeOptions, 'format' | 'agreed'> {
  /** The fields of the time: one, a date and a time of day, or year, month and so on. Otherwise they are guessed. */
  time?: readonly string[] | undefined;
  /** As `TableSurveyOptions` has it. */
  timeFormat?: string | undefined;
  /** The field that is the time of a line that has it, unless `time` names another. */
  agreed?: string | undefined;
  /** What fields are called in notes. */
  what: 'field' | 'column';
}

/**
 * Reads the times of lines that come one by one. The first line with a time decides which fields hold it, and the first
 * times how they are written. `note` is called once for each thing that was assumed.
 */
export class LiveTimes {
  readonly #options: LiveTimesOptions;
  readonly #format;
  readonly #missing: MissingWords;
  #found: readonly string[] | undefined;
  /** How the time is read, by the names of its fields. */
  readonly #readers = new Map<string, OneTime | SeveralTimes>();

  /** Throws `invalid-argument` for an unknown format or zone. */
  constructor(options: LiveTimesOptions) {
    this.#options = options;
    this.#missing = options.missing;
    this.#format = timeFormat(options.timeFormat);
    this.#found = options.time;
    // Made to refuse an unknown zone or directive before any line comes.
    const { pattern } = this.#format;
    void (pattern !== undefined && new TimePattern(pattern));
    void new ZoneClock(options.zone ?? 'UTC');
  }

  /** The fields that hold the time; undefined until a line has one. */
  get found(): readonly string[] | undefined {
    return this.#found;
  }

  /** Which of these fields hold the time of their line; undefined if none do. */
  fieldsOf(names: readonly string[], fields: readonly string[]): readonly string[] | undefined {
    const { agreed, time, note, what } = this.#options;
    if (time === undefined && agreed !== undefined && names.includes(agreed)) return [agreed];
    if (this.#found) return this.#found.every((name) => names.includes(name)) ? this.#found : undefined;
    const columns = names.map((name, i) => {
      const survey = new ColumnSurvey(name, { missing: this.#missing, ...this.#format });
      survey.add(fields[i]!, 1);
      return survey;
    });
    const places = guessTimeColumns(columns);
    if (places.length === 0) return undefined;
    this.#found = places.map((place) => names[place]!);
    const quoted = this.#found.map(describe).join(' and ');
    if (what === 'field' || places.length > 1 || !mentionsTime(this.#found[0]!)) {
      const subject = places.length > 1 ? `${what}s ${quoted} are` : `${what} ${quoted} is`;
      note(`The ${subject} taken as the time of each sample.`);
    }
    return this.#found;
  }

  /**
   * The time [ms since 1970] in these fields; NaN if it is missing. `key` is the stream of the line. Throws
   * `invalid-sample` for a field that is no time or can be read in two ways; `where` names the line.
   */
  read(names: readonly string[], fields: readonly string[], key: string, where: string | undefined): number {
    if (fields.some((field) => this.#missing.has(field) || isAbsent(field.trim()))) return Number.NaN;
    const id = names.join('\n');
    let reader = this.#readers.get(id);
    if (!reader) {
      const options = { ...this.#options, format: this.#format };
      const joined = names.length === 1 || this.#format.pattern !== undefined;
      reader = joined
        ? new OneTime(names.join(' and '), { ...options, agreed: names[0] === this.#options.agreed })
        : new SeveralTimes(names, options);
      this.#readers.set(id, reader);
    }
    try {
      return reader instanceof OneTime
        ? reader.read(joinFields(fields, [...fields.keys()]), key)
        : reader.read(fields, key);
    } catch (cause) {
      if (!(cause instanceof GatecastError)) throw cause;
      const name = `${names.join(' and ')}${where === undefined ? '' : ` in ${where}`}`;
      throw new GatecastError('invalid-sample', expected('a time', name, fields.join(' ')) + hintOf(cause), { cause });
    }
  }
}

/** The hint for a time that can be read in two ways. */
function hintOf({ message }: GatecastError): string {
  const hint = /Use (--time-format .*) to say which\.$/.exec(message)?.[1];
  return hint === undefined ? '' : ` It can be read in two ways: ${hint} says which.`;
}

/** A time in several fields, such as a date and a time of day. */
class SeveralTimes {
  readonly #columns: readonly ColumnSurvey[];
  readonly #options: Omit<OneTimeOptions, 'agreed'>;
  readonly #numbers = new NumberScan();
  readonly #texts = new TimeScan();
  #rows: RowTimes | undefined;

  constructor(names: readonly string[], options: Omit<OneTimeOptions, 'agreed'>) {
    const { missing, format } = options;
    this.#options = options;
    this.#columns = names.map((name) => new ColumnSurvey(name, { missing, order: format.order }));
  }

  read(fields: readonly string[], key: string): number {
    const at = (this.#rows ?? this.#decide(fields)).read(fields, key);
    if (Number.isNaN(at)) throw notATime();
    return at;
  }

  #decide(fields: readonly string[]): RowTimes {
    const { format, zone, note } = this.#options;
    if (!fields.every((field) => this.#numbers.scan(field) || this.#texts.scan(field))) throw notATime();
    for (const [i, field] of fields.entries()) this.#columns[i]!.add(field, 1);
    const reading = decideTime(this.#columns, [...fields.keys()], { ...format, zone, source: 'the input' });
    const utc = zone === undefined ? 'UTC (--zone names another zone)' : zone;
    note(`The times of the samples are read as ${reading.form} in ${utc}.`);
    this.#rows = reading.reader();
    return this.#rows;
  }
}

function notATime(): GatecastError {
  return new GatecastError('invalid-sample', 'Expected a time.');
}
