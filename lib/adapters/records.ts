import type { TableReading } from '../reading/table-survey.ts';

/** One record of a file: a field of text for each name. */
export interface TextRecord {
  /** The line on which it begins, from 1. */
  line: number;
  fields: string[];
}

/** How a text is written. */
export interface TextForm {
  format: 'CSV' | 'JSON' | 'NDJSON';
  encoding: string;
  /** What separates the fields, ' ' for runs of blanks; null where nothing does. */
  delimiter: string | null;
  /** The line of the header, from 1; null if there is none. */
  headerLine: number | null;
}

/** A file of records that can be read several times. */
export interface Records {
  readonly name: string;
  readonly form: TextForm;
  /** The names of the fields, all different, and their units where the file says them. */
  readonly names: readonly string[];
  readonly units: readonly (string | undefined)[];
  /** The field that is the time by agreement, in milliseconds unless it shows another unit. */
  readonly time?: string | undefined;
  /** What was found, and what the last pass of `records` left out, as sentences. */
  readonly notes: readonly string[];
  /** Yields a list for each chunk that was read. Throws `invalid-data`, naming the line, and `io`. */
  records(): AsyncGenerator<TextRecord[]>;
  /**
   * Asks another reader of such files, which may not be there, what the columns hold: a sentence for each that it takes
   * for something else. Never throws.
   */
  secondOpinion?(): (table: TableReading) => Promise<string[]>;
  /** Throws `invalid-data` for a name that does not tell which field is meant. */
  checkIsOne(name: string): void;
  close(): Promise<void>;
}
