import type { BaselineComparison } from '../batch/compare-with-baselines.ts';
import type { ForecastPictures } from '../batch/pictures.ts';
import type { ErrorScore, Score } from '../batch/score.ts';
import type { GradientFlow } from '../diagnosis/gradient-flow.ts';
import { flowSection } from './flow-section.ts';
import { forecastSections } from './forecast-sections.ts';
import type { Report } from './page.ts';

/**
 * The report of a model on a file. `fitted` is left out if the baselines could not be fitted to earlier rows, `flow` if
 * the rows are too few for it.
 */
export function evaluationReport(
  model: string,
  file: string,
  score: Score,
  pictures: ForecastPictures,
  fitted: BaselineComparison | undefined,
  flow: GradientFlow | undefined,
): Report {
  const { windows, steps, scaled, naive } = score;
  const ratio = scaled.mse / naive.scaled.mse;
  const beside = `Its mean squared error is ${ratio.toPrecision(3)} times that of repeating the last value.`;
  const rows: [string, ErrorScore][] = fitted
    ? [['this model', fitted.model], ...Object.entries(fitted.baselines)]
    : [
        ['this model', score],
        ['last value', naive],
      ];
  return {
    title: `${model} on ${file}`,
    lead: [
      ...(fitted ? [`${fitted.verdict} ${fitted.noise?.text ?? ''}`.trim()] : []),
      `${windows} windows of ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}. ${beside}`,
    ],
    sections: [
      {
        heading: 'Errors',
        grid: {
          columns: ['forecast', 'MSE scaled', 'MAE scaled', 'MSE', 'MAE'],
          rows: rows.map(([name, errors]) => errorCells(name, errors)),
        },
      },
      ...forecastSections('this model', score, pictures),
      ...(flow ? [flowSection(flow)] : []),
    ],
  };
}

/** The cells of a row of errors. */
export function errorCells(name: string, { scaled, mse, mae }: ErrorScore): string[] {
  return [name, ...[scaled.mse, scaled.mae, mse, mae].map((value) => value.toPrecision(4))];
}
