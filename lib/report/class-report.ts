import type { ClassEvaluation } from '../batch/evaluate-classes.ts';
import type { Report } from './page.ts';

/** The report of a forecaster of a category on a file. `lead` says how well it did. */
export function classReport(model: string, file: string, score: ClassEvaluation, lead: readonly string[]): Report {
  const { classes, byClass, confusion } = score;
  const words = classes.map(String);
  return {
    title: `${model} on ${file}`,
    lead,
    sections: [
      {
        heading: 'Words',
        text: ['Recall is the share of a word that was found, precision how often it was right when told.'],
        grid: {
          columns: ['word', 'times', 'recall', 'precision', 'F1'],
          rows: byClass.map(({ count, recall, precision, f1 }, c) => [
            words[c]!,
            String(count),
            ...[recall, precision, f1].map((value) => value.toFixed(3)),
          ]),
        },
      },
      {
        heading: 'Confusion',
        text: ['How often each true word, a row, was told as each word, a column.'],
        grid: { columns: ['', ...words], rows: confusion.map((row, c) => [words[c]!, ...row.map(String)]) },
      },
    ],
  };
}
