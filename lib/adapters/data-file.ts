import type { Series } from '../data/series.ts';
import { beginsJson } from '../files/text-kind.ts';
import { CsvFile, type TextFileOptions } from './csv-file.ts';
import { type DataReport, notesOn, reportOn } from './data-report.ts';
import { surveyFile } from './file-survey.ts';
import { NdjsonFile } from './ndjson-file.ts';
import type { Records } from './records.ts';
import { readSeries, refuseMixed } from './series-reader.ts';
import type { CheckedOptions } from './table-options.ts';
import { firstLineOf } from './text-head.ts';
import type { TextInput } from './text-input.ts';
import { Text } from './text-lines.ts';

/**
 * Opens a file of data, whose content shows its format. Throws `invalid-data`, naming the line and the cause, and `io`.
 */
export async function openDataFile(input: TextInput, options: TextFileOptions): Promise<Records> {
  const { encoding, maxLineBytes } = options;
  const notes: string[] = [];
  const note = (sentence: string) => notes.push(sentence);
  const text = await Text.open(input, { what: 'CSV or NDJSON', encoding, maxLineBytes, note });
  return (await isJson(text)) ? NdjsonFile.open(text, notes) : CsvFile.of(text, options, notes);
}

async function isJson(text: Text): Promise<boolean> {
  try {
    return beginsJson(await firstLineOf(text));
  } catch (error) {
    await text.close();
    throw error;
  }
}

/** The rows of a file as series; each iteration opens it again. Iterating throws what reading the file does. */
export function seriesOfFile(open: () => Promise<Records>, options: CheckedOptions): Series {
  return {
    async *[Symbol.asyncIterator]() {
      const survey = await surveyFile(await open(), options.reading);
      try {
        refuseMixed(survey, options.reader.rules);
        for (const sentence of notesOn(survey)) options.note(sentence);
        yield* readSeries(survey, options.reader, options.note);
      } finally {
        await survey.file.close();
      }
    },
  };
}

/** What was understood of an open file, which is closed. Throws `invalid-data`, naming the line, and `io`. */
export async function inspectFile(file: Records, { reading }: CheckedOptions): Promise<DataReport> {
  const opinion = file.secondOpinion?.();
  const survey = await surveyFile(file, reading);
  try {
    const report = reportOn(survey);
    report.notes.push(...((await opinion?.(survey.rows.table)) ?? []));
    return report;
  } finally {
    await survey.file.close();
  }
}
